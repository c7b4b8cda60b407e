#include "web/asset.h"

#include "web/asset_names.h"

#define EMBED(name, file)                                                               \
	__asm__(".section .rodata\n"                                                    \
		".balign 16\n"                                                          \
		".type " name "_bytes, @object\n" name "_bytes: .incbin \"" file "\"\n" \
		".type " name "_end, @object\n" name "_end: .byte 0\n"                  \
		".previous\n")

EMBED("asset_style", ASSET_STYLE_FILE);
EMBED("asset_script", ASSET_SCRIPT_FILE);

extern const uint8_t asset_style_bytes[] __attribute__((visibility("hidden")));
extern const uint8_t asset_style_end[] __attribute__((visibility("hidden")));
extern const uint8_t asset_script_bytes[] __attribute__((visibility("hidden")));
extern const uint8_t asset_script_end[] __attribute__((visibility("hidden")));

struct asset asset_get(enum asset_id id)
{
	if (id == ASSET_STYLE)
		return (struct asset){"smiley.css", ASSET_STYLE_NAME, "text/css; charset=utf-8",
			{asset_style_bytes, (size_t)(asset_style_end - asset_style_bytes)}};
	return (struct asset){"smiley.js", ASSET_SCRIPT_NAME, "text/javascript; charset=utf-8",
		{asset_script_bytes, (size_t)(asset_script_end - asset_script_bytes)}};
}

bool asset_find(struct slice name, struct asset *asset)
{
	for (int id = 0; id < ASSET_COUNT; id++) {
		*asset = asset_get((enum asset_id)id);
		if (slice_equal(name, slice_text(asset->name)))
			return true;
	}
	return false;
}
