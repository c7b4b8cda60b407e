import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.MessageFormatter;

/**
 * Feeds smiley.console.TextFormatter without a broker: what drive_log_dump wrote, from stdin.
 * Arguments are the formatter's properties, NAME=VALUE.
 */
final class ConsoleDrive {
	private static final String[] TOPICS = {"smiley.events", "smiley.runs", "smiley.sources"};

	private ConsoleDrive() {
	}

	public static void main(String[] args) throws Exception {
		DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
		Map<String, String> settings = new HashMap<>();

		for (String arg : args)
			settings.put(arg.split("=", 2)[0], arg.split("=", 2)[1]);
		try (MessageFormatter formatter = (MessageFormatter) Class.forName(
				"smiley.console.TextFormatter").getDeclaredConstructor().newInstance()) {
			formatter.configure(settings);
			for (int topic = in.read(); topic >= 0; topic = in.read())
				formatter.writeTo(new ConsumerRecord<>(TOPICS[topic], 0, 0, null, message(in)),
					System.out);
		}
	}

	private static byte[] message(DataInputStream in) throws IOException {
		byte[] message = new byte[Integer.reverseBytes(in.readInt())];

		in.readFully(message);
		return message;
	}
}
