#include "web/asset.h"

__asm__(".section .rodata\n"
	".balign 16\n"
	".type asset_style_bytes, @object\n"
	"asset_style_bytes: .incbin \"" ASSET_STYLE "\"\n"
	".type asset_style_end, @object\n"
	"asset_style_end: .byte 0\n"
	".previous\n");

extern const uint8_t asset_style_bytes[] __attribute__((visibility("hidden")));
extern const uint8_t asset_style_end[] __attribute__((visibility("hidden")));

struct slice asset_style(void)
{
	return (struct slice){asset_style_bytes, (size_t)(asset_style_end - asset_style_bytes)};
}
