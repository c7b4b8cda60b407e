package smiley.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.generic.GenericRecord;

/** Values as Python's repr() shows them: schemas/value.c once more. */
final class Values {
	private static final int[] BORDERS = readBorders();

	private Values() {
	}

	/** Where str.isprintable() changes, from U+007F on: schemas/printable_internal.h. */
	private static int[] readBorders() {
		try (InputStream in = Values.class.getResourceAsStream("/smiley/printable.txt");
				BufferedReader lines = new BufferedReader(
					new InputStreamReader(in, StandardCharsets.US_ASCII))) {
			return lines.lines().filter(line -> line.startsWith("0x"))
				.mapToInt(Integer::decode).toArray();
		} catch (IOException e) {
			throw new IllegalStateException("no table of printable characters in the jar", e);
		}
	}

	private static boolean isPrintable(int c) {
		int found;

		if (c < 0x7f)
			return c >= 0x20;
		found = Arrays.binarySearch(BORDERS, c);
		return (found >= 0 ? found + 1 : -found - 1) % 2 == 1;
	}

	/** Appends the value; names are those that its block has defined so far. */
	static void repr(Object value, List<String> names, StringBuilder out) {
		if (value == null)
			out.append("None");
		else if (value instanceof Boolean)
			out.append((Boolean) value ? "True" : "False");
		else if (value instanceof Double)
			Numbers.real((Double) value, out);
		else if (value instanceof Number)
			out.append(value);
		else if (value instanceof CharSequence)
			string(Bytes.of(value), out);
		else if (value instanceof ByteBuffer)
			bytes(Bytes.of(value), false, out);
		else
			record((GenericRecord) value, names, out);
	}

	private static void record(GenericRecord value, List<String> names, StringBuilder out) {
		switch (value.getSchema().getName()) {
		case "BigInt":
			Numbers.bigint(Bytes.of(value.get("digits")), (Long) value.get("bits"), out);
			break;
		case "Text":
			text(value, out);
			break;
		case "Blob":
			blob(value, out);
			break;
		case "Complex":
			Numbers.complex((Double) value.get("real"), (Double) value.get("imag"), out);
			break;
		case "Container":
			container(value, names, out);
			break;
		case "Object":
			object(value, names, out);
			break;
		case "Error":
			error(value, names, out);
			break;
		case "Redacted":
			out.append("<redacted ");
			name(nameOf(value, "type", names), out);
			out.append(String.format(" #%04x>", (Integer) value.get("tag") & 0xffff));
			break;
		default:
			out.append("<unset>");
		}
	}

	private static String nameOf(GenericRecord value, String field, List<String> names) {
		return names.get(Math.toIntExact((Long) value.get(field)));
	}

	/** Names come from the traced program as well: nothing raw of them reaches a terminal. */
	private static void name(String name, StringBuilder out) {
		name.codePoints().forEach(c -> {
			if (isPrintable(c))
				out.appendCodePoint(c);
			else
				out.append(String.format(c > 0xff ? "\\u%04x" : "\\x%02x", c));
		});
	}

	private static void text(GenericRecord value, StringBuilder out) {
		long length = (Long) value.get("length");

		if (string(Bytes.of(value.get("text")), out) < length)
			out.append("... (").append(length).append(" chars)");
	}

	private static void blob(GenericRecord value, StringBuilder out) {
		long length = (Long) value.get("length");
		byte[] data = Bytes.of(value.get("data"));

		if (value.get("kind").toString().equals("BYTEARRAY")) {
			out.append("bytearray(");
			bytes(data, true, out);
			out.append(')');
		} else {
			bytes(data, false, out);
		}
		if (data.length < length)
			out.append("... (").append(length).append(" bytes)");
	}

	/** Double quotes only around text with single ones alone. */
	private static char quote(byte[] text) {
		boolean single = false, twice = false;

		for (byte b : text) {
			single |= b == '\'';
			twice |= b == '"';
		}
		return single && !twice ? '"' : '\'';
	}

	private static boolean simpleEscape(int c, char quote, StringBuilder out) {
		if (c == '\t')
			out.append("\\t");
		else if (c == '\n')
			out.append("\\n");
		else if (c == '\r')
			out.append("\\r");
		else if (c == '\\')
			out.append("\\\\");
		else if (c == quote)
			out.append('\\').append(quote);
		else
			return false;
		return true;
	}

	private static void codeEscape(int c, StringBuilder out) {
		out.append(String.format(c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x", c));
	}

	/** Returns how many characters there are. */
	private static long string(byte[] text, StringBuilder out) {
		char quote = quote(text);
		Bytes.Cursor cursor = new Bytes.Cursor(text);
		long count = 0;

		out.append(quote);
		for (; cursor.more(); count++) {
			int start = cursor.at;
			int c = cursor.next();

			if (c == Bytes.NONE)
				codeEscape(text[start] & 0xff, out);
			else if (simpleEscape(c, quote, out))
				continue;
			else if (isPrintable(c))
				out.appendCodePoint(c);
			else
				codeEscape(c, out);
		}
		out.append(quote);
		return count;
	}

	/** A bytearray escapes single quotes even where double ones are around it. */
	private static void bytes(byte[] bytes, boolean bytearray, StringBuilder out) {
		char quote = quote(bytes);

		out.append('b').append(quote);
		for (byte b : bytes) {
			int c = b & 0xff;

			if (simpleEscape(c, bytearray ? '\'' : quote, out))
				continue;
			if (c >= 0x20 && c < 0x7f)
				out.append((char) c);
			else
				codeEscape(c, out);
		}
		out.append(quote);
	}

	/** The items with commas between them, a dict's as pairs. */
	private static void items(
			List<?> items, boolean pairs, List<String> names, StringBuilder out) {
		for (int i = 0; i < items.size(); i++) {
			if (pairs && i % 2 == 1)
				out.append(": ");
			else if (i > 0)
				out.append(", ");
			repr(items.get(i), names, out);
		}
	}

	private static void more(long shown, long length, StringBuilder out) {
		if (shown < length)
			out.append(shown > 0 ? ", " : "").append("... ").append(length - shown).append(" more");
	}

	/** How each kind begins and ends, when it is empty, and when it is inside itself. */
	private enum Form {
		LIST("[", "]", "[]", "[...]"),
		TUPLE("(", ")", "()", "(...)"),
		SET("{", "}", "set()", "set(...)"),
		FROZENSET("frozenset({", "})", "frozenset()", "frozenset(...)"),
		DICT("{", "}", "{}", "{...}"),
		DEQUE("deque([", "])", "deque([])", "[...]"),
		RANGE("range(", ")", "range(...)", "range(...)"),
		SLICE("slice(", ")", "slice(...)", "slice(...)");

		final String open, close, empty, itself;

		Form(String open, String close, String empty, String itself) {
			this.open = open;
			this.close = close;
			this.empty = empty;
			this.itself = itself;
		}
	}

	private static void container(GenericRecord value, List<String> names, StringBuilder out) {
		Form form = Form.valueOf(value.get("kind").toString());
		List<?> items = (List<?>) value.get("items");
		long length = (Long) value.get("length");
		int shown = items.size();

		if (length < 0 || (shown == 0 && length == 0)) {
			out.append(length < 0 ? form.itself : form.empty);
			return;
		}
		out.append(form.open);
		if (form == Form.RANGE && shown == 3 && Long.valueOf(1).equals(items.get(2)))
			items = items.subList(0, 2);
		items(items, form == Form.DICT, names, out);
		if (form == Form.TUPLE && shown == 1 && length <= 1)
			out.append(',');
		if (form != Form.RANGE && form != Form.SLICE)
			more(form == Form.DICT ? (shown + 1) / 2 : shown, length, out);
		else if (shown == 0)
			out.append("...");
		out.append(form.close);
	}

	private static void object(GenericRecord value, List<String> names, StringBuilder out) {
		String name = nameOf(value, "name", names);
		String address = Long.toHexString((Long) value.get("address"));

		switch (value.get("kind").toString()) {
		case "INSTANCE":
			out.append('<');
			name(name, out);
			out.append(" object at 0x").append(address).append('>');
			break;
		case "FUNCTION":
			out.append("<function ");
			name(name, out);
			out.append(" at 0x").append(address).append('>');
			break;
		case "CLASS":
			around("<class '", name, "'>", out);
			break;
		case "BUILTIN":
			around("<built-in function ", name, ">", out);
			break;
		case "METHOD":
			around("<bound method ", name, ">", out);
			break;
		case "MODULE":
			around("<module '", name, "'>", out);
			break;
		default:
			name(name, out);
		}
	}

	private static void around(String before, String name, String after, StringBuilder out) {
		out.append(before);
		name(name, out);
		out.append(after);
	}

	private static void error(GenericRecord value, List<String> names, StringBuilder out) {
		String name = nameOf(value, "name", names);
		List<?> args = (List<?>) value.get("args");

		name(name.substring(name.lastIndexOf('.') + 1), out);
		out.append('(');
		items(args, false, names, out);
		more(args.size(), (Long) value.get("length"), out);
		out.append(')');
	}

	/** Where an object or exception lies in the traced program's memory; 0 for others. */
	static long address(Object value) {
		if (!(value instanceof GenericRecord))
			return 0;
		switch (((GenericRecord) value).getSchema().getName()) {
		case "Object":
		case "Error":
			return (Long) ((GenericRecord) value).get("address");
		default:
			return 0;
		}
	}

	/** What the text form leaves out: modules, functions, methods. */
	static boolean isRoutine(Object value, List<String> names) {
		if (!(value instanceof GenericRecord)
				|| !((GenericRecord) value).getSchema().getName().equals("Object"))
			return false;
		switch (((GenericRecord) value).get("kind").toString()) {
		case "INSTANCE":
			return nameOf((GenericRecord) value, "name", names).equals("__future__._Feature");
		case "FUNCTION":
		case "BUILTIN":
		case "METHOD":
		case "MODULE":
			return true;
		default:
			return false;
		}
	}
}
