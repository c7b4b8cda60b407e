package smiley.console;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a Python file as lines, decoded as Python does (PEP 263). */
final class Source {
	private static final Pattern COOKIE =
		Pattern.compile("^[ \\t\\f]*#.*?coding[:=][ \\t]*([-A-Za-z0-9_.]+)", Pattern.DOTALL);
	private static final Pattern BLANK = Pattern.compile("^[ \\t\\f]*(#.*|[\\r\\n].*)?",
		Pattern.DOTALL);
	/** Names of Python's that Java does not know. */
	private static final Map<String, String> NAMES = Map.of(
		"latin-1", "ISO-8859-1", "iso-latin-1", "ISO-8859-1", "8859", "ISO-8859-1",
		"iso8859", "ISO-8859-1", "latin-9", "ISO-8859-15", "mac-roman", "x-MacRoman",
		"macroman", "x-MacRoman", "mac-cyrillic", "x-MacCyrillic", "s-jis", "Shift_JIS",
		"ujis", "EUC-JP");

	private final byte[] bytes;
	private List<String> lines;

	Source(byte[] bytes) {
		this.bytes = bytes;
	}

	/** The line by its number from 1, without its end; empty when there is none. */
	String line(long number) {
		if (lines == null)
			lines = split(decode());
		return number < 1 || number > lines.size() ? "" : lines.get((int) number - 1);
	}

	private static int lineEnd(byte[] bytes, int at) {
		while (at < bytes.length && bytes[at] != '\n' && bytes[at] != '\r')
			at++;
		if (at + 1 < bytes.length && bytes[at] == '\r' && bytes[at + 1] == '\n')
			return at + 2;
		return Math.min(at + 1, bytes.length);
	}

	private String encoding() {
		int first = lineEnd(bytes, 0), second = lineEnd(bytes, first);
		String one = new String(bytes, 0, first, StandardCharsets.ISO_8859_1);
		String two = new String(bytes, first, second - first, StandardCharsets.ISO_8859_1);
		Matcher cookie = COOKIE.matcher(one);

		if (cookie.find())
			return cookie.group(1);
		cookie = COOKIE.matcher(two);
		return BLANK.matcher(one).matches() && cookie.find() ? cookie.group(1) : "utf-8";
	}

	private String decode() {
		boolean mark = bytes.length >= 3 && (bytes[0] & 0xff) == 0xef && (bytes[1] & 0xff) == 0xbb
			&& (bytes[2] & 0xff) == 0xbf;
		String name = mark ? "utf-8" : encoding().toLowerCase(Locale.ROOT).replace('_', '-');

		if (!name.startsWith("utf-8") && !List.of("utf8", "u8", "ascii", "us-ascii").contains(name)) {
			try {
				return new String(bytes, Charset.forName(NAMES.getOrDefault(name, name)));
			} catch (IllegalArgumentException e) {
				/* an encoding that Java has not: shown as far as it is UTF-8 */
			}
		}
		return Bytes.text(mark ? java.util.Arrays.copyOfRange(bytes, 3, bytes.length) : bytes);
	}

	/** Lines end at \n, \r\n or \r and at nothing else. */
	private static List<String> split(String text) {
		ArrayList<String> lines = new ArrayList<>();
		int start = 0;

		for (int at = 0; at < text.length(); at++) {
			char c = text.charAt(at);

			if (c != '\n' && c != '\r')
				continue;
			lines.add(text.substring(start, at));
			if (c == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n')
				at++;
			start = at + 1;
		}
		if (start < text.length())
			lines.add(text.substring(start));
		return lines;
	}
}
