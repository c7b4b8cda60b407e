package smiley.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.util.Utf8;

/** UTF-8 as bytes: lone surrogates pass, other bytes that are none are told apart. */
final class Bytes {
	/** What {@link Cursor#next} returns for a byte that begins no character. */
	static final int NONE = -1;

	private static final int[] LEAST = {0, 0, 0x80, 0x800, 0x10000};

	private Bytes() {
	}

	/** The bytes of an Avro string, bytes or fixed. */
	static byte[] of(Object value) {
		if (value instanceof ByteBuffer) {
			ByteBuffer buffer = ((ByteBuffer) value).duplicate();
			byte[] bytes = new byte[buffer.remaining()];

			buffer.get(bytes);
			return bytes;
		}
		if (value instanceof Utf8) {
			Utf8 text = (Utf8) value;

			return java.util.Arrays.copyOf(text.getBytes(), text.getByteLength());
		}
		return value.toString().getBytes(StandardCharsets.UTF_8);
	}

	/** A walk over characters. */
	static final class Cursor {
		final byte[] bytes;
		int at;

		Cursor(byte[] bytes) {
			this.bytes = bytes;
		}

		boolean more() {
			return at < bytes.length;
		}

		/** The next character; NONE for a byte that begins none, which is stepped over. */
		int next() {
			int first = bytes[at] & 0xff;
			int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2
				: first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
			int start = at++;
			int c;

			if (length == 1)
				return first;
			if (length == 0 || bytes.length - start < length)
				return NONE;
			c = first & (0x7f >> length);
			for (int i = 1; i < length; i++) {
				int byteThere = bytes[start + i] & 0xff;

				if ((byteThere & 0xc0) != 0x80)
					return NONE;
				c = c << 6 | (byteThere & 0x3f);
			}
			if (c < LEAST[length] || c > 0x10ffff)
				return NONE;
			at = start + length;
			return c;
		}
	}

	static boolean isSurrogate(int c) {
		return c >= 0xd800 && c < 0xe000;
	}

	/** Text, what is not UTF-8 replaced. */
	static String text(byte[] bytes) {
		StringBuilder out = new StringBuilder(bytes.length);
		Cursor cursor = new Cursor(bytes);

		while (cursor.more()) {
			int c = cursor.next();

			out.appendCodePoint(c == NONE || isSurrogate(c) ? 0xfffd : c);
		}
		return out.toString();
	}

	/** Appends text for a terminal: controls, and what turns the direction of text, escaped. */
	static void escape(String text, StringBuilder out) {
		for (int i = 0; i < text.length();) {
			int c = text.codePointAt(i);

			i += Character.charCount(c);
			if (c == '\t' || !isControl(c))
				out.appendCodePoint(isSurrogate(c) ? 0xfffd : c);
			else if (c == '\n')
				out.append("\\n");
			else if (c == '\r')
				out.append("\\r");
			else
				out.append(String.format(c > 0xff ? "\\u%04x" : "\\x%02x", c));
		}
	}

	private static boolean isControl(int c) {
		return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e)
			|| (c >= 0x2066 && c <= 0x2069);
	}
}
