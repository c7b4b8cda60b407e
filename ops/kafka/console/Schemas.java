package smiley.console;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Every schema that was ever written, by the id that messages carry: no registry is asked. */
final class Schemas {
	private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
	private BinaryDecoder decoder;

	Schemas() {
		for (String name : resource("index.txt").split("\n")) {
			Schema schema = new Schema.Parser().parse(resource(name));

			readers.put(Integer.parseInt(name.substring(0, name.indexOf('-'))),
				new GenericDatumReader<>(schema));
		}
	}

	private static String resource(String name) {
		try (InputStream in = Schemas.class.getResourceAsStream("/smiley/schemas/" + name);
				BufferedReader lines = new BufferedReader(
					new InputStreamReader(in, StandardCharsets.UTF_8))) {
			return lines.lines().collect(Collectors.joining("\n"));
		} catch (IOException e) {
			throw new IllegalStateException("no " + name + " in the jar", e);
		}
	}

	List<Integer> ids() {
		return List.copyOf(readers.keySet());
	}

	/** Decodes a message's body; null: it is no message of this schema. */
	GenericRecord read(int id, byte[] message, int offset) {
		GenericDatumReader<GenericRecord> reader = readers.get(id);
		GenericRecord record;

		if (reader == null)
			return null;
		try {
			decoder = DecoderFactory.get().binaryDecoder(
				message, offset, message.length - offset, decoder);
			record = reader.read(null, decoder);
			return decoder.isEnd() ? record : null;
		} catch (IOException | RuntimeException e) {
			return null;
		}
	}
}
