package smiley.console;

import java.util.ArrayList;
import java.util.List;

/** The frames that one exception has gone through so far, where it was raised first. */
final class Chain {
	/** The innermost and the outermost steps are kept, those between are counted. */
	private static final int INNER_STEPS = 16, STEPS = 32;
	/** A line is shown so often in a row, then counted. */
	private static final int SAME_STEPS_SHOWN = 3;
	/** More than one exception may be on its way in a thread. */
	private static final int IN_THREAD = 4;

	private static final class Step {
		final TextRun.File file;
		final long line;
		long times = 1;

		Step(TextRun.File file, long line) {
			this.file = file;
			this.line = line;
		}
	}

	String repr;
	private long address, frame, caller, leftOut;
	private boolean unwound;
	private final ArrayList<Step> steps = new ArrayList<>();

	private void add(TextRun.File file, long line) {
		Step last = steps.isEmpty() ? null : steps.get(steps.size() - 1);

		if (last != null && last.file == file && last.line == line) {
			last.times++;
			return;
		}
		if (steps.size() == STEPS)
			leftOut += steps.remove(INNER_STEPS).times;
		steps.add(new Step(file, line));
	}

	/** The chain that this exception goes on with, or a new one; it comes to the front. */
	private static Chain continued(List<Chain> chains, long frame, long address) {
		Chain found = null;

		for (Chain chain : chains) {
			if (chain.unwound && chain.caller == frame && chain.address == address) {
				found = chain;
				break;
			}
		}
		if (found != null) {
			chains.remove(found);
		} else {
			found = new Chain();
			if (chains.size() == IN_THREAD)
				chains.remove(IN_THREAD - 1);
		}
		chains.add(0, found);
		return found;
	}

	static Chain exception(List<Chain> chains, TextRun.File file, Block.Event event,
			List<String> names) {
		long address = Values.address(event.value);
		Chain chain = continued(chains, event.frame.id, address);
		StringBuilder repr = new StringBuilder();

		chain.address = address;
		chain.frame = event.frame.id;
		chain.caller = event.frame.caller == null ? -1 : event.frame.caller.id;
		chain.unwound = false;
		Values.repr(event.value, names, repr);
		chain.repr = repr.toString();
		chain.add(file, event.frame.line);
		return chain;
	}

	/** The exception that a frame is left by: the one last seen in it. */
	static Chain unwind(List<Chain> chains, Block.Event event) {
		for (Chain chain : chains) {
			if (chain.frame == event.frame.id) {
				chain.unwound = true;
				return chain;
			}
		}
		return chains.isEmpty() ? null : chains.get(0);
	}

	/** The frames from the event's down to the one that raised. */
	void show(String prefix, StringBuilder out) {
		for (int i = steps.size(); i > 0; i--) {
			if (i == INNER_STEPS && leftOut > 0)
				out.append(prefix).append("    [").append(leftOut)
					.append(leftOut == 1 ? " more frame]\n" : " more frames]\n");
			show(steps.get(i - 1), prefix, out);
		}
	}

	private static void show(Step step, String prefix, StringBuilder out) {
		long more = step.times - SAME_STEPS_SHOWN;

		for (long i = 0; i < step.times && i < SAME_STEPS_SHOWN; i++) {
			out.append(prefix).append("    ").append(step.file.shown());
			TextRun.line(step.line, out);
			out.append(' ');
			Bytes.escape(stripped(step.file.line(step.line)), out);
			out.append('\n');
		}
		if (more > 0)
			out.append(prefix).append("    [Previous line repeated ").append(more)
				.append(more == 1 ? " more time]\n" : " more times]\n");
	}

	private static String stripped(String line) {
		int at = 0;

		while (at < line.length() && " \t\f".indexOf(line.charAt(at)) >= 0)
			at++;
		return line.substring(at);
	}
}
