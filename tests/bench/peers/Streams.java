import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The topology on Kafka Streams. Arguments: bootstrap servers, topic prefix, folder for its state, folder of schemas. */
public final class Streams {
    private static final String REASON =
            "The last five things that were said decide: a visit is offered while three of them want one, "
            + "and nothing is while three do not; see values.";
    private static final List<Double> VALUES = new ArrayList<>();
    private static final List<Double> PROBABILITIES = new ArrayList<>();

    static {
        for (int place = 0; place < 18; place++) {
            VALUES.add(place / 20.0);
            PROBABILITIES.add((place + 1) / 171.0);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path schemas = Path.of(arguments[3]);
        Serde<GenericRecord> told = avro(schemas.resolve("told.avsc"), 9001);
        Serde<GenericRecord> kept = avro(schemas.resolve("kept.avsc"), 9003);
        Schema answered = schema(schemas.resolve("answered.avsc"));

        Topology topology = new Topology();
        topology.addSource("told", Serdes.String().deserializer(), told.deserializer(), arguments[1] + "told");
        topology.addProcessor("decide", () -> new Decide(answered, schema(schemas.resolve("kept.avsc"))), "told");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("kept"), Serdes.String(), kept)
                        .withCachingEnabled(),
                "decide");
        topology.addSink("answered", arguments[1] + "streams-answered", Serdes.String().serializer(),
                avro(schemas.resolve("answered.avsc"), 9002).serializer(), "decide");

        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1] + "streams");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put("auto.offset.reset", "earliest");
        settings.put("producer.compression.type", "lz4");

        CountDownLatch stopped = new CountDownLatch(1);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close();
            stopped.countDown();
        }));
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        stopped.await();
    }

    /** One state and one output a record, as `events.kept` and `events.answered`. */
    private static final class Decide implements Processor<String, GenericRecord, String, GenericRecord> {
        private final Schema answered;
        private final Schema kept;
        private final Schema status;
        private ProcessorContext<String, GenericRecord> context;
        private KeyValueStore<String, GenericRecord> store;

        Decide(Schema answered, Schema kept) {
            this.answered = answered;
            this.kept = kept;
            this.status = kept.getField("status").schema();
        }

        @Override
        public void init(ProcessorContext<String, GenericRecord> given) {
            context = given;
            store = given.getStateStore("kept");
        }

        @Override
        @SuppressWarnings("unchecked")
        public void process(Record<String, GenericRecord> record) {
            GenericRecord event = record.value();
            GenericRecord before = store.get(record.key());
            List<Object> recent = before == null ? List.of() : (List<Object>) before.get("intents");
            List<Object> intents = new ArrayList<>(recent.subList(Math.max(0, recent.size() - 4), recent.size()));
            intents.add(event.get("intent"));
            GenericRecord after = new GenericData.Record(kept);
            after.put("count", before == null ? 1L : (Long) before.get("count") + 1);
            after.put("intents", intents);
            after.put("status", new GenericData.EnumSymbol(status, standing(intents)));
            store.put(record.key(), after);

            GenericRecord answer = new GenericData.Record(answered);
            answer.put("sequence", after.get("count"));
            answer.put("lead_id", event.get("lead_id"));
            answer.put("cause_event_id", event.get("event_id"));
            answer.put("root_offset", context.recordMetadata().orElseThrow().offset());
            answer.put("decided_at", event.get("recorded_at"));
            answer.put("status", after.get("status"));
            answer.put("intents", intents);
            answer.put("values", VALUES);
            answer.put("probabilities", PROBABILITIES);
            answer.put("external_ref", event.get("external_ref"));
            answer.put("reason", REASON);
            context.forward(record.withValue(answer));
        }
    }

    private static String standing(List<Object> intents) {
        int willing = 0;
        int unwilling = 0;
        for (Object intent : intents) {
            switch (intent.toString()) {
                case "interested", "scheduling", "requesting_info" -> willing++;
                case "objecting", "declining", "no_response" -> unwilling++;
                default -> { }
            }
        }
        return willing >= 3 ? "warm" : unwilling >= 3 ? "cold" : "open";
    }

    private static Schema schema(Path file) {
        try {
            return new Schema.Parser().parse(Files.readString(file));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Avro behind the Confluent frame; one thread uses it, so its parts are reused. */
    private static Serde<GenericRecord> avro(Path file, int id) {
        Schema schema = schema(file);
        GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(schema);
        GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema);
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        BinaryEncoder[] encoder = new BinaryEncoder[1];
        BinaryDecoder[] decoder = new BinaryDecoder[1];
        Serializer<GenericRecord> serializer = (topic, value) -> {
            if (value == null) {
                return null;
            }
            try {
                out.reset();
                out.write(new byte[] {0, (byte) (id >> 24), (byte) (id >> 16), (byte) (id >> 8), (byte) id});
                encoder[0] = EncoderFactory.get().binaryEncoder(out, encoder[0]);
                writer.write(value, encoder[0]);
                encoder[0].flush();
                return out.toByteArray();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
        Deserializer<GenericRecord> deserializer = (topic, data) -> {
            if (data == null) {
                return null;
            }
            try {
                decoder[0] = DecoderFactory.get().binaryDecoder(data, 5, data.length - 5, decoder[0]);
                return reader.read(null, decoder[0]);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
        return Serdes.serdeFrom(serializer, deserializer);
    }
}
