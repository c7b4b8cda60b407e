package smiley.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** One run as text: schemas/text_*.c once more, in the form of monitor and replay. */
final class TextRun implements Block.Sink {
	private static final String LOCAL_INDENT = " ".repeat(20);

	final class File {
		private final String path;
		private String shown;
		private Source source;

		private File(String path) {
			this.path = path;
		}

		/** As lines name it: below the run's directory where it is there. */
		String shown() {
			if (shown == null) {
				StringBuilder escaped = new StringBuilder();

				Bytes.escape(relative(plain(path)), escaped);
				shown = escaped.toString();
			}
			return shown;
		}

		String line(long number) {
			return source == null ? "" : source.line(number);
		}
	}

	private final StringBuilder out;
	/** What each line begins with: its run, while there are several. */
	String prefix = "";
	/** Events before this one have been shown already. */
	long fromSeq;
	private String cwd;
	private boolean several;
	/** The event shown last, when it says that nothing is recorded from there on. */
	private boolean off;
	private long offSeq, offNs;
	private final Map<String, File> files = new HashMap<>();
	private final Map<Long, List<Chain>> chains = new HashMap<>();

	TextRun(StringBuilder out) {
		this.out = out;
	}

	void started(GenericRecord started) {
		StringBuilder argv = new StringBuilder();

		cwd = started.get("cwd").toString();
		for (Object word : (List<?>) started.get("argv")) {
			if (argv.length() > 0)
				argv.append(' ');
			argv.append(word);
		}
		out.append(prefix).append("Starting new run: ");
		Bytes.escape(argv.toString(), out);
		out.append('\n');
	}

	void source(GenericRecord source) {
		File file = file(source.get("path").toString());

		if (file.source == null)
			file.source = new Source(Bytes.of(source.get("text")));
	}

	boolean hasSource(String path) {
		File file = files.get(path);

		return file != null && file.source != null;
	}

	void finished(GenericRecord finished) {
		String error = error(finished);

		out.append(prefix).append("Finished run\n");
		if (!error.isEmpty())
			out.append(prefix).append("ERROR in app: ").append(error).append('\n');
	}

	private static String error(GenericRecord finished) {
		StringBuilder words = new StringBuilder();
		String type = finished.get("error_type").toString();
		String message = finished.get("error_message").toString();
		long signal = (Long) finished.get("signal");

		if (!type.isEmpty())
			Bytes.escape(message.isEmpty() ? type : message, words);
		else if (signal != 0)
			words.append("killed by ").append(Signals.name(signal));
		else if ((Boolean) finished.get("lost"))
			words.append("the end of this run was not seen");
		return words.toString();
	}

	private File file(String path) {
		return files.computeIfAbsent(path, File::new);
	}

	/** The path without its "." and empty parts. */
	private static String plain(String path) {
		StringBuilder out = new StringBuilder();
		int at = 0;

		while (at < path.length()) {
			int end = path.indexOf('/', at);
			boolean dot;

			end = end < 0 ? path.length() : end;
			dot = end == at + 1 && path.charAt(at) == '.';
			if (end < path.length())
				end++;
			if (!dot && (end > at + 1 || at == 0 || path.charAt(at) != '/'))
				out.append(path, at, end);
			at = end;
		}
		return out.toString();
	}

	/** The path below the run's directory; the whole path when it is not there. */
	private String relative(String path) {
		String below;

		if (cwd == null || cwd.isEmpty())
			return path;
		below = cwd.replaceAll("/+$", "") + "/";
		return path.length() > below.length() && path.startsWith(below)
			? path.substring(below.length()) : path;
	}

	static void line(long line, StringBuilder out) {
		String digits = Long.toString(line);

		out.append(':').append(" ".repeat(Math.max(0, 4 - digits.length()))).append(digits)
			.append(':');
	}

	private Chain note(Block.Event event, File file, List<String> names) {
		List<Chain> own;

		if (event.kind == Block.Kind.GAP)
			chains.clear();
		if (event.kind != Block.Kind.EXCEPTION && event.kind != Block.Kind.UNWIND)
			return null;
		own = chains.computeIfAbsent(event.thread.number, key -> new ArrayList<>());
		return event.kind == Block.Kind.EXCEPTION ? Chain.exception(own, file, event, names)
			: Chain.unwind(own, event);
	}

	@Override
	public void event(Block.Event event, List<String> names) {
		File file = event.frame == null ? null : file(event.frame.file);
		Chain chain;

		if (event.seq < fromSeq)
			return;
		several |= event.thread != null && event.thread.number > 0;
		chain = note(event, file, names);
		goesOn(event);
		/* The first thread starts with the run, which has a line of its own. */
		if (event.kind == Block.Kind.THREAD && event.thread.number == 0)
			return;
		out.append(prefix);
		if (file == null) {
			remark(event);
			return;
		}
		place(event, file);
		switch (event.kind) {
		case EXCEPTION:
		case UNWIND:
			raised(event, chain);
			break;
		case RETURN:
		case YIELD:
			out.append("return>>> ");
			Values.repr(event.value, names, out);
			out.append('\n');
			break;
		default:
			Bytes.escape(file.line(event.frame.line), out);
			out.append('\n');
			locals(event.frame, names);
		}
	}

	/** Behind a pause: how long it was. */
	private void goesOn(Block.Event event) {
		long passed = event.timeNs - offNs;

		if (off && event.seq == offSeq + 1 && passed >= 1000000) {
			out.append(prefix).append("-- recording goes on after ");
			duration(passed);
			out.append('\n');
		}
		off = event.kind == Block.Kind.GAP && event.lost < 0;
		offSeq = event.seq;
		offNs = event.timeNs;
	}

	private void duration(long ns) {
		long seconds = ns / 1000000000;

		if (seconds < 60)
			out.append(seconds).append('.')
				.append(Long.toString(1000 + ns % 1000000000 / 1000000).substring(1)).append(" s");
		else if (seconds < 3600)
			out.append(seconds / 60).append(" min ").append(seconds % 60).append(" s");
		else
			out.append(seconds / 3600).append(" h ").append(seconds / 60 % 60).append(" min");
	}

	private void place(Block.Event event, File file) {
		out.append(file.shown());
		line(event.frame.line, out);
		if (several && event.thread != null) {
			Bytes.escape(event.thread.name, out);
			out.append(':');
		}
		out.append(' ');
	}

	private void raised(Block.Event event, Chain chain) {
		boolean first = event.kind == Block.Kind.EXCEPTION;

		out.append(first ? "Exception:" : "unwind>>>");
		if (chain != null)
			out.append(' ').append(chain.repr);
		out.append('\n');
		if (first && chain != null)
			chain.show(prefix, out);
	}

	private void locals(Block.Frame frame, List<String> names) {
		for (Map.Entry<byte[], Object> local : frame.locals.entrySet()) {
			String name = Bytes.text(local.getKey());

			if (name.length() >= 2 && (name.startsWith("__") || name.endsWith("__"))
					|| Values.isRoutine(local.getValue(), names))
				continue;
			out.append(prefix).append(LOCAL_INDENT);
			Bytes.escape(name, out);
			out.append(" = ");
			Values.repr(local.getValue(), names, out);
			out.append('\n');
		}
	}

	/** Events that are about no frame. */
	private void remark(Block.Event event) {
		switch (event.kind) {
		case TASK:
			out.append(event.text.isEmpty() ? "-- no task" : "-- task ");
			Bytes.escape(event.text, out);
			break;
		case THREAD:
			out.append("-- thread ");
			Bytes.escape(event.thread.name, out);
			out.append(" started");
			break;
		default:
			out.append("-- ");
			if (event.lost >= 0)
				out.append(event.lost).append(event.lost == 1 ? " event" : " events")
					.append(" lost here: ");
			Bytes.escape(event.text, out);
		}
		out.append('\n');
	}
}
