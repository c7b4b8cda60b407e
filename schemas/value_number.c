#include "schemas/value_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Python refuses to show an int of more than 4,300 digits; a decoder need not work longer
 * on one either. */
#define BIGINT_MAX_BYTES 1792
#define BIGINT_LIMBS (BIGINT_MAX_BYTES * 8 / 29 + 2)
#define BIGINT_BASE 1000000000u

/* The most significant digits of a double and its decimal exponent: 0.DIGITS x 10^point. */
struct decimal {
	char digits[20];
	int count;
	int point;
};

/* As 17 digits at most: the text of %.*e is taken apart, so that a locale's decimal sign
 * never matters. */
static void decimal_take(struct decimal *decimal, const char *text)
{
	const char *exponent = strchr(text, 'e');

	decimal->count = 0;
	for (; text < exponent; text++) {
		if (*text >= '0' && *text <= '9')
			decimal->digits[decimal->count++] = *text;
	}
	decimal->point = atoi(exponent + 1) + 1;
	while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
		decimal->count--;
}

/* The next number of the same precision: 1.29 for 1.28, 2.00 for 1.99. False when it would
 * have one digit more. */
static bool digits_step_up(char *text)
{
	char *at = strchr(text, 'e');

	while (at > text) {
		at--;
		if (*at == '9') {
			*at = '0';
		} else if (*at >= '0' && *at < '9') {
			(*at)++;
			return true;
		}
	}
	return false;
}

/* Sets *decimal when `precision` digits are enough to read the same double back. Just
 * above a power of two doubles lie twice as far apart as below it, so there the nearest
 * decimal may fail where the next one up is good. */
static bool decimal_try(struct decimal *decimal, double value, int precision, bool step_up)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*e", precision - 1, value);
	if (strtod(text, NULL) != value &&
		(!step_up || !digits_step_up(text) || strtod(text, NULL) != value))
		return false;
	decimal_take(decimal, text);
	return true;
}

/* The shortest decimal that reads back as value, which is finite and > 0. */
static void decimal_shortest(struct decimal *decimal, double value)
{
	int exponent;
	bool power = frexp(value, &exponent) == 0.5;
	bool subnormal = value < 0x1p-1022;

	/* Up to 15 digits survive the way through a normal double, so that 15 digits less
	 * their trailing zeros are the shortest form when they are good at all. */
	for (int precision = power || subnormal ? 1 : 15; precision < 17; precision++) {
		if (decimal_try(decimal, value, precision, power))
			return;
	}
	(void)decimal_try(decimal, value, 17, false);
}

static void put_decimal(const struct decimal *decimal, bool dot_zero, struct buf *out)
{
	int count = decimal->count;
	int point = decimal->point;

	if (point < -3 || point > 16) {
		buf_append(out, decimal->digits, 1);
		if (count > 1)
			buf_byte(out, '.');
		buf_append(out, decimal->digits + 1, (size_t)count - 1);
		buf_printf(out, "e%c%02d", point - 1 < 0 ? '-' : '+', abs(point - 1));
		return;
	}
	if (point <= 0) {
		buf_text(out, "0.");
		for (int i = point; i < 0; i++)
			buf_byte(out, '0');
		buf_append(out, decimal->digits, (size_t)count);
		return;
	}
	for (int i = 0; i < point || i < count; i++) {
		if (i == point)
			buf_byte(out, '.');
		buf_byte(out, i < count ? (uint8_t)decimal->digits[i] : '0');
	}
	if (dot_zero && count <= point)
		buf_text(out, ".0");
}

static void put_double(double value, bool sign, bool dot_zero, struct buf *out)
{
	struct decimal decimal;

	if (isnan(value)) {
		buf_text(out, sign ? "+nan" : "nan");
		return;
	}
	if (signbit(value))
		buf_byte(out, '-');
	else if (sign)
		buf_byte(out, '+');
	value = fabs(value);
	if (isinf(value)) {
		buf_text(out, "inf");
	} else if (value < 1e15 && value == (double)(int64_t)value) {
		buf_printf(out, dot_zero ? "%" PRId64 ".0" : "%" PRId64, (int64_t)value);
	} else {
		decimal_shortest(&decimal, value);
		put_decimal(&decimal, dot_zero, out);
	}
}

void long_repr(int64_t value, size_t width, struct buf *out)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (value < 0)
		text[--at] = '-';
	while (at && sizeof(text) - at < width)
		text[--at] = ' ';
	buf_append(out, text + at, sizeof(text) - at);
}

void double_repr(double value, struct buf *out)
{
	put_double(value, false, true, out);
}

void complex_repr(double real, double imag, struct buf *out)
{
	if (real == 0 && !signbit(real)) {
		put_double(imag, false, false, out);
		buf_byte(out, 'j');
		return;
	}
	buf_byte(out, '(');
	put_double(real, false, false, out);
	put_double(imag, true, false, out);
	buf_text(out, "j)");
}

/* limbs[0..count) = limbs * 256 + byte, in base 10^9, least significant first. */
static size_t limbs_shift_in(uint32_t *limbs, size_t count, uint8_t byte)
{
	uint64_t carry = byte;

	for (size_t i = 0; i < count; i++) {
		carry += (uint64_t)limbs[i] << 8;
		limbs[i] = (uint32_t)(carry % BIGINT_BASE);
		carry /= BIGINT_BASE;
	}
	if (carry)
		limbs[count++] = (uint32_t)carry;
	return count;
}

void bigint_repr(struct slice digits, int64_t bits, struct buf *out)
{
	uint32_t limbs[BIGINT_LIMBS];
	uint8_t magnitude[BIGINT_MAX_BYTES];
	size_t count = 0;
	bool negative;
	unsigned carry;

	if (digits.len == 0 || digits.len > BIGINT_MAX_BYTES) {
		buf_printf(out, "<int of %" PRId64 " bits>", bits);
		return;
	}
	negative = digits.data[0] & 0x80;
	carry = negative;
	for (size_t i = digits.len; i > 0; i--) {
		uint8_t byte = digits.data[i - 1];

		carry += negative ? (uint8_t)~byte : byte;
		magnitude[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
	for (size_t i = 0; i < digits.len; i++)
		count = limbs_shift_in(limbs, count, magnitude[i]);
	if (negative)
		buf_byte(out, '-');
	buf_printf(out, "%" PRIu32, count ? limbs[count - 1] : 0);
	for (size_t i = count; i > 1; i--)
		buf_printf(out, "%09" PRIu32, limbs[i - 2]);
}
