package smiley.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The events of a block with their frames: schemas/block_cursor.c once more, for a decoder
 * that has checked the bytes already. What the items say beyond that is checked here.
 */
final class Block {
	/** A block that says what cannot be. */
	static final class BadBlock extends RuntimeException {
		private static final long serialVersionUID = 1;

		BadBlock(String what) {
			super(what);
		}
	}

	static final class Frame {
		final long id;
		String file;
		long line;
		/** By the bytes of the name, as events list them. */
		final TreeMap<byte[], Object> locals = new TreeMap<>(Arrays::compareUnsigned);
		Thread thread;
		Frame caller;
		private int position;

		private Frame(long id) {
			this.id = id;
		}
	}

	static final class Thread {
		final long number;
		String name;
		private final ArrayList<Frame> stack = new ArrayList<>();

		private Thread(long number) {
			this.number = number;
		}

		private void cut(int position) {
			while (stack.size() > position) {
				Frame frame = stack.remove(stack.size() - 1);

				frame.thread = null;
				frame.caller = null;
			}
		}
	}

	enum Kind { CALL, LINE, RETURN, YIELD, RESUME, EXCEPTION, UNWIND, THREAD, TASK, GAP }

	static final class Event {
		Kind kind;
		long seq;
		Thread thread;
		Frame frame;
		Object value;
		String text;
		long lost, timeNs;
	}

	interface Sink {
		void event(Event event, List<String> names);
	}

	private static final class Code {
		final String file;
		final long line;

		Code(String file, long line) {
			this.file = file;
			this.line = line;
		}
	}

	final long firstSeq, eventCount;
	private final List<?> items;
	private final Sink sink;
	private final ArrayList<String> names = new ArrayList<>();
	private final ArrayList<byte[]> keys = new ArrayList<>(); /* the names' bytes */
	private final ArrayList<Code> codes = new ArrayList<>();
	private final Map<Long, Frame> frames = new HashMap<>();
	private final Map<Long, Thread> threads = new HashMap<>();
	private Thread thread;
	private Frame target, leaving;
	private boolean suspends;
	private Event event; /* read, and not yet with all that belongs to it */
	private long events, timeNs;

	private Block(GenericRecord block, Sink sink) {
		firstSeq = (Long) block.get("first_seq");
		eventCount = (Long) block.get("event_count");
		items = (List<?>) block.get("items");
		timeNs = (Long) block.get("base_ns");
		this.sink = sink;
	}

	/** Feeds the events of a decoded TraceBlock. BadBlock: it is one that counts nowhere. */
	static void walk(GenericRecord block, Sink sink) {
		Block walk = new Block(block, sink);

		try {
			for (Object item : walk.items)
				walk.read((GenericRecord) item);
			walk.finish();
		} catch (IndexOutOfBoundsException | ArithmeticException e) {
			throw new BadBlock(e.getMessage());
		}
		if (walk.events != walk.eventCount)
			throw new BadBlock("another number of events than its head says");
	}

	private static BadBlock bad(String what) {
		return new BadBlock(what);
	}

	private static long number(GenericRecord item, String field) {
		return (Long) item.get(field);
	}

	private String name(GenericRecord item, String field) {
		return names.get(Math.toIntExact(number(item, field)));
	}

	private Code code(GenericRecord item) {
		return codes.get(Math.toIntExact(number(item, "code")));
	}

	/** What the last event left comes off its stack. */
	private void finish() {
		if (event != null)
			sink.event(event, names);
		event = null;
		if (leaving == null)
			return;
		suspend(leaving);
		if (!suspends)
			frames.remove(leaving.id);
		leaving = null;
		target = null;
	}

	private void read(GenericRecord item) {
		String kind = item.getSchema().getName();

		switch (kind) {
		case "Name":
			keys.add(Bytes.of(item.get("text")));
			names.add(item.get("text").toString());
			return;
		case "Code":
			name(item, "function");
			codes.add(new Code(name(item, "file"), number(item, "line")));
			return;
		case "Change":
		case "Local":
			local(item);
			return;
		case "Resize":
			resize(item);
			return;
		case "Splice":
			splice(item);
			return;
		default:
			finish();
			readStep(kind, item);
		}
	}

	private void readStep(String kind, GenericRecord item) {
		if (item.getSchema().getField("dt") != null)
			timeNs += number(item, "dt");
		switch (kind) {
		case "Thread":
			stateThread(item);
			break;
		case "Switch":
			thread = threads.get(number(item, "thread"));
			target = null;
			if (thread == null)
				throw bad("a Switch to a thread that is not stated yet");
			break;
		case "Frame":
			stateFrame(item);
			break;
		case "Call":
			call(item);
			break;
		case "Resume":
			resume(item);
			break;
		case "ThreadStart":
			frameless(Kind.THREAD);
			break;
		case "Task":
			frameless(Kind.TASK);
			event.text = name(item, "name");
			break;
		case "Gap":
			frameless(Kind.GAP);
			event.text = name(item, "reason");
			event.lost = number(item, "lost");
			break;
		case "Cost": /* What tracing took, and what was counted beside events: for profiles. */
		case "Pause":
		case "Builtin":
		case "Through":
		case "Pace":
			break;
		default:
			step(Kind.valueOf(kind.toUpperCase(java.util.Locale.ROOT)), item);
		}
	}

	private byte[] key(GenericRecord item) {
		return keys.get(Math.toIntExact(number(item, "name")));
	}

	private void local(GenericRecord item) {
		Object value = item.get("value");
		byte[] name = key(item);

		if (target == null)
			throw bad("a local of no frame");
		if (value instanceof GenericRecord
				&& ((GenericRecord) value).getSchema().getName().equals("Unset"))
			target.locals.remove(name);
		else
			target.locals.put(name, value);
	}

	/** The container with its new length, which takes the place of the one before. */
	private GenericData.Record resize(GenericRecord item) {
		byte[] name = key(item);
		Object value = target == null ? null : target.locals.get(name);
		GenericData.Record copy;

		if (!(value instanceof GenericData.Record)
				|| !((GenericRecord) value).getSchema().getName().equals("Container"))
			throw bad("Resize or Splice of a local that is no container");
		copy = new GenericData.Record((GenericData.Record) value, false);
		copy.put("length", number(item, "length"));
		target.locals.put(name, copy);
		return copy;
	}

	private void splice(GenericRecord item) {
		GenericData.Record container = resize(item);
		List<Object> items = new ArrayList<>((List<?>) container.get("items"));
		long at = Math.min(number(item, "at"), items.size());
		long drop = Math.min(number(item, "drop"), items.size() - at);

		if (at < 0 || drop < 0)
			throw bad("a Splice at a negative place or number");
		items.subList((int) at, (int) (at + drop)).clear();
		items.addAll((int) at, (List<?>) item.get("items"));
		container.put("items", items);
	}

	private void stateThread(GenericRecord item) {
		thread = threads.computeIfAbsent(number(item, "thread"), Thread::new);
		thread.name = name(item, "name");
		thread.cut(0);
		target = null;
	}

	private void suspend(Frame frame) {
		if (frame.thread != null)
			frame.thread.cut(frame.position);
	}

	private void push(Frame frame) {
		if (thread == null)
			throw bad("a frame on the stack of no thread");
		frame.thread = thread;
		frame.position = thread.stack.size();
		frame.caller = frame.position > 0 ? thread.stack.get(frame.position - 1) : null;
		thread.stack.add(frame);
	}

	private void stateFrame(GenericRecord item) {
		Frame frame = frames.computeIfAbsent(number(item, "frame"), Frame::new);
		boolean suspended = (Boolean) item.get("suspended");

		suspend(frame);
		frame.file = code(item).file;
		frame.line = number(item, "line");
		if (!suspended)
			push(frame);
		target = frame;
	}

	private void begin(Kind kind) {
		if (thread == null && kind != Kind.GAP)
			throw bad("an event in no thread");
		event = new Event();
		event.kind = kind;
		event.seq = firstSeq + events++;
		event.timeNs = timeNs;
		event.thread = thread;
	}

	private void frameless(Kind kind) {
		begin(kind);
		target = null;
	}

	private void in(Frame frame) {
		event.frame = frame;
		target = frame;
	}

	private void call(GenericRecord item) {
		Code code = code(item);
		Frame frame;

		begin(Kind.CALL);
		frame = new Frame(event.seq);
		if (frames.putIfAbsent(frame.id, frame) != null)
			throw bad("a Call whose frame is there already");
		frame.file = code.file;
		frame.line = code.line;
		push(frame);
		in(frame);
	}

	private void resume(GenericRecord item) {
		Frame frame = frames.computeIfAbsent(number(item, "frame"), Frame::new);

		begin(Kind.RESUME);
		if (frame.thread != null)
			throw bad("a Resume of a frame that runs");
		frame.file = code(item).file;
		frame.line = number(item, "line");
		push(frame);
		in(frame);
	}

	/** Line, Return, Yield, Exception, Unwind: in the current frame. */
	private void step(Kind kind, GenericRecord item) {
		Frame frame;

		begin(kind);
		if (thread.stack.isEmpty())
			throw bad("an event in no frame");
		frame = thread.stack.get(thread.stack.size() - 1);
		frame.line = Math.addExact(frame.line, number(item, "dline"));
		if (kind != Kind.LINE && kind != Kind.UNWIND)
			event.value = item.get("value");
		if (kind == Kind.RETURN || kind == Kind.UNWIND || kind == Kind.YIELD) {
			leaving = frame;
			suspends = kind == Kind.YIELD;
		}
		in(frame);
	}
}
