package smiley.console;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.MessageFormatter;
import org.apache.kafka.common.header.Header;

/**
 * Makes a monitor of the stock kafka-console-consumer: the lines that `smiley monitor` shows,
 * from the blocks in the topics. Only CLASSPATH is needed, no registry:
 *
 * <pre>
 * CLASSPATH='PREFIX/share/smiley/*' kafka-console-consumer.sh --bootstrap-server HOST:9092
 *     --include 'smiley\..*' --formatter smiley.console.TextFormatter
 * </pre>
 *
 * Topics are read side by side: a block may come before the start of its run or the source
 * that it shows. It is held then until those have come, or nothing has for HOLD; who consumes
 * the topic of events alone gets lines without source text. Properties: run=ID (or its first
 * characters) shows one run, hold.ms=N changes how long is waited.
 */
public final class TextFormatter implements MessageFormatter {
	/** A producer with ids of a foreign registry says in this header which of ours it is. */
	private static final String SCHEMA_HEADER = "smiley.schema";
	private static final int WIRE_BYTES = 5;
	private static final int TICK_MS = 50;
	/** So often HOLD is waited at most while other records do come. */
	private static final int HOLDS = 10;

	private static final class Held {
		final GenericRecord block;
		final long arrived;
		final Set<String> files = new HashSet<>();

		Held(GenericRecord block, long arrived) {
			ArrayList<String> names = new ArrayList<>();

			this.block = block;
			this.arrived = arrived;
			for (Object item : (List<?>) block.get("items")) {
				GenericRecord record = (GenericRecord) item;

				if (record.getSchema().getName().equals("Name"))
					names.add(record.get("text").toString());
				else if (record.getSchema().getName().equals("Code"))
					needs(names, (Long) record.get("file"));
			}
		}

		/** Files have a source, and what -c and stdin brought; frozen modules have none. */
		private void needs(List<String> names, long index) {
			if (index >= 0 && index < names.size()
					&& !names.get((int) index).startsWith("<frozen "))
				files.add(names.get((int) index));
		}
	}

	private static final class Run {
		final String digits;
		TextRun text;
		boolean started, finished, deleted;
		long nextSeq;
		GenericRecord end;
		final ArrayDeque<Held> held = new ArrayDeque<>();
		/** Files whose source was waited for in vain. */
		final Set<String> waived = new HashSet<>();

		Run(String id, StringBuilder out) {
			digits = id.substring(0, 8);
			text = new TextRun(out);
		}

		boolean waits() {
			return !held.isEmpty() || (end != null && !finished);
		}
	}

	private final Schemas schemas = new Schemas();
	private final Map<String, Run> runs = new HashMap<>();
	private final StringBuilder out = new StringBuilder();
	private PrintStream output;
	private Thread timer;
	private long holdMs = 500, latest;
	private String wanted = "";
	private int running;
	/** False: that topic seems not to be consumed. */
	private boolean awaitRuns = true, awaitSources = true;
	private boolean closed;

	@Override
	public void configure(Map<String, ?> settings) {
		Object hold = settings.get("hold.ms"), run = settings.get("run");

		if (hold != null)
			holdMs = Long.parseLong(hold.toString());
		if (run != null)
			wanted = run.toString().replace("-", "");
	}

	@Override
	public synchronized void writeTo(ConsumerRecord<byte[], byte[]> record, PrintStream to) {
		output = to;
		latest = System.currentTimeMillis();
		take(record);
		flush();
		if (timer == null) {
			timer = new Thread(this::watch, "smiley-text");
			timer.setDaemon(true);
			timer.start();
		}
	}

	@Override
	public synchronized void close() {
		closed = true;
		notifyAll();
		for (Run run : runs.values())
			step(run, true);
		flush();
	}

	/** Nobody calls us while nothing comes. */
	private synchronized void watch() {
		try {
			while (!closed) {
				wait(TICK_MS);
				for (Run run : runs.values())
					if (run.waits() && isOver(run))
						step(run, true);
				flush();
			}
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private boolean isOver(Run run) {
		long now = System.currentTimeMillis();

		return now - latest >= holdMs
			|| (!run.held.isEmpty() && now - run.held.peek().arrived >= HOLDS * holdMs);
	}

	private void flush() {
		byte[] bytes;

		if (out.length() == 0 || output == null)
			return;
		bytes = out.toString().getBytes(StandardCharsets.UTF_8);
		out.setLength(0);
		output.write(bytes, 0, bytes.length);
		output.flush();
	}

	private static int schemaOf(ConsumerRecord<byte[], byte[]> record) {
		Header header = record.headers().lastHeader(SCHEMA_HEADER);

		if (header == null || header.value() == null)
			return ByteBuffer.wrap(record.value()).getInt(1);
		try {
			return Integer.parseInt(new String(header.value(), StandardCharsets.US_ASCII));
		} catch (NumberFormatException e) {
			return 0;
		}
	}

	/** What is no message of ours is passed over. */
	private void take(ConsumerRecord<byte[], byte[]> record) {
		byte[] value = record.value();
		GenericRecord body;
		String id;
		Run run;

		if (value == null || value.length < WIRE_BYTES || value[0] != 0)
			return;
		body = schemas.read(schemaOf(record), value, WIRE_BYTES);
		if (body == null)
			return;
		id = idOf((GenericFixed) body.get("run"));
		if (!id.startsWith(wanted))
			return;
		run = runs.computeIfAbsent(id, key -> new Run(key, out));
		if (!run.deleted)
			take(run, body);
	}

	private static String idOf(GenericFixed run) {
		StringBuilder id = new StringBuilder();

		for (byte b : run.bytes())
			id.append(String.format("%02x", b));
		return id.toString();
	}

	private void take(Run run, GenericRecord body) {
		switch (body.getSchema().getName()) {
		case "TraceBlock":
			run.held.add(new Held(body, latest));
			break;
		case "RunStarted":
			awaitRuns = true;
			start(run, body);
			break;
		case "RunFinished":
			awaitRuns = true;
			if (run.end == null)
				run.end = body;
			break;
		case "SourceFile":
			awaitSources = true;
			run.text.source(body);
			break;
		case "RunDeleted":
			run.deleted = true;
			run.held.clear();
			run.end = null;
			break;
		default:
			break;
		}
		step(run, false);
	}

	private void start(Run run, GenericRecord started) {
		if (run.started)
			return;
		run.started = true;
		running++;
		mark(run);
		run.text.started(started);
	}

	/** Lines begin with their run while several go on. */
	private void mark(Run run) {
		run.text.prefix = running > 1 && wanted.isEmpty() ? run.digits + " " : "";
	}

	private boolean isReady(Run run, Held held) {
		if (!run.started && awaitRuns)
			return false;
		for (String file : held.files)
			if (awaitSources && !run.text.hasSource(file) && !run.waived.contains(file))
				return false;
		return true;
	}

	/** What was waited for will not come: not for this run, and if none ever came, for none. */
	private void waive(Run run, Held held) {
		if (!run.started)
			awaitRuns = false;
		for (String file : held.files) {
			if (run.text.hasSource(file))
				continue;
			if (run.waived.isEmpty() && run.nextSeq == 0)
				awaitSources = false;
			run.waived.add(file);
		}
	}

	/** Shows of the run what can be shown, or all that is there. */
	private void step(Run run, boolean all) {
		while (!run.held.isEmpty()) {
			Held held = run.held.peek();

			if (!isReady(run, held)) {
				if (!all)
					return;
				waive(run, held);
			}
			run.held.remove();
			show(run, held.block);
		}
		if (run.end != null && !run.finished
				&& (all || run.nextSeq >= (Long) run.end.get("event_count")))
			finish(run);
	}

	/** Each event counts the first time it comes; a block counts as a whole or not at all. */
	private void show(Run run, GenericRecord block) {
		long first = (Long) block.get("first_seq"), behind = first + (Long) block.get("event_count");

		if (behind <= Math.max(first, run.nextSeq))
			return;
		try {
			Block.walk(block, (event, names) -> { });
		} catch (Block.BadBlock e) {
			return;
		}
		mark(run);
		run.text.fromSeq = run.nextSeq;
		Block.walk(block, run.text);
		run.nextSeq = behind;
	}

	private void finish(Run run) {
		run.finished = true;
		mark(run);
		run.text.finished(run.end);
		if (run.started)
			running--;
		run.text = new TextRun(out);
	}
}
