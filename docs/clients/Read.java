import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/** Prints a field of each event on a topic: java -cp 'jars/*' Read.java BROKER API TOPIC FIELD. */
public class Read {
    static final HttpClient HTTP = HttpClient.newHttpClient();
    static final Map<Integer, Schema> SCHEMAS = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteBufferDeserializer())) {
            var places = consumer.partitionsFor(args[2]).stream()
                    .map(one -> new TopicPartition(one.topic(), one.partition())).toList();
            consumer.assign(places);
            consumer.seekToBeginning(places);
            for (var record : consumer.poll(Duration.ofSeconds(10))) {
                System.out.println(record.key() + " " + event(record.value(), args[1]).get(args[3]));
            }
        }
    }

    static GenericRecord event(ByteBuffer value, String registry) throws Exception {
        value.get(); // the zero byte
        var reader = new GenericDatumReader<GenericRecord>(schema(value.getInt(), registry));
        var bytes = new byte[value.remaining()];
        value.get(bytes);
        return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }

    static Schema schema(int id, String registry) throws Exception {
        if (!SCHEMAS.containsKey(id)) {
            var request = HttpRequest.newBuilder(URI.create(registry + "/schemas/ids/" + id)).build();
            var body = HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
            SCHEMAS.put(id, new Schema.Parser().parse(new ObjectMapper().readTree(body).get("schema").asText()));
        }
        return SCHEMAS.get(id);
    }
}
