package smiley.console;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as Python's repr() shows them. */
final class Numbers {
	/** Python shows no longer an int than this. */
	private static final int BIGINT_MAX_BYTES = 1792;

	private Numbers() {
	}

	static void bigint(byte[] digits, long bits, StringBuilder out) {
		if (digits.length == 0 || digits.length > BIGINT_MAX_BYTES)
			out.append("<int of ").append(bits).append(" bits>");
		else
			out.append(new BigInteger(digits));
	}

	static void real(double value, StringBuilder out) {
		real(value, false, true, out);
	}

	static void complex(double real, double imag, StringBuilder out) {
		if (real == 0 && !isNegative(real)) {
			real(imag, false, false, out);
			out.append('j');
			return;
		}
		out.append('(');
		real(real, false, false, out);
		real(imag, true, false, out);
		out.append("j)");
	}

	private static boolean isNegative(double value) {
		return Double.doubleToRawLongBits(value) < 0;
	}

	private static void real(double value, boolean sign, boolean dotZero, StringBuilder out) {
		if (Double.isNaN(value)) {
			out.append(sign ? "+nan" : "nan");
			return;
		}
		if (isNegative(value))
			out.append('-');
		else if (sign)
			out.append('+');
		value = Math.abs(value);
		if (Double.isInfinite(value))
			out.append("inf");
		else if (value < 1e15 && value == (double) (long) value)
			out.append((long) value).append(dotZero ? ".0" : "");
		else
			decimal(shortest(value), dotZero, out);
	}

	/** The shortest decimal that reads back as the value, which is finite and above 0. */
	private static BigDecimal shortest(double value) {
		BigDecimal exact = new BigDecimal(value);
		boolean power = (Double.doubleToRawLongBits(value) & 0xfffffffffffffL) == 0;
		boolean subnormal = value < Double.MIN_NORMAL;

		for (int precision = power || subnormal ? 1 : 15; precision < 17; precision++) {
			BigDecimal near = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
			BigDecimal up;

			if (near.doubleValue() == value)
				return near;
			/* Above a power of two doubles lie twice as far apart as below it. */
			up = near.add(near.ulp());
			if ((power || subnormal) && up.precision() <= precision && up.doubleValue() == value)
				return up;
		}
		return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
	}

	private static void decimal(BigDecimal value, boolean dotZero, StringBuilder out) {
		int point = value.precision() - value.scale();
		String digits = value.unscaledValue().toString();
		int count = digits.length();

		while (count > 1 && digits.charAt(count - 1) == '0')
			count--;
		digits = digits.substring(0, count);
		if (point < -3 || point > 16) {
			out.append(digits.charAt(0)).append(count > 1 ? "." : "").append(digits, 1, count);
			out.append(String.format("e%c%02d", point - 1 < 0 ? '-' : '+', Math.abs(point - 1)));
		} else if (point <= 0) {
			out.append("0.").append("0".repeat(-point)).append(digits);
		} else if (count <= point) {
			out.append(digits).append("0".repeat(point - count)).append(dotZero ? ".0" : "");
		} else {
			out.append(digits, 0, point).append('.').append(digits, point, count);
		}
	}
}
