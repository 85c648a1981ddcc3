package dev.spendledger.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void set() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    private String line(String setup, String message, Throwable cause, Object... arguments) throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Logging.class.getResource(setup));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        AsyncAppender async = (AsyncAppender) root.getAppender("async");
        OutputStreamAppender<ILoggingEvent> appender =
                (OutputStreamAppender<ILoggingEvent>) async.getAppender("stderr");
        LoggingEvent event = new LoggingEvent("", root, Level.WARN, message, cause, arguments);
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void shouldWriteALineOfJsonWithTheWholeMessageAndTheCause() throws Exception {
        // When
        String line = line(
                "/logback-json.xml",
                "A write failed. chat=\"{}\" partition={}",
                new IllegalStateException("why"),
                "c\n1",
                3);

        // Then
        assertThat(line).endsWith("\n");
        assertThat(line.strip()).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "@timestamp", "message", "logger_name", "thread_name", "level", "stack_trace");
        assertThat(json.get("@timestamp").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
        assertThat(json.get("level").textValue()).isEqualTo("WARN");
        assertThat(json.get("message").textValue()).isEqualTo("A write failed. chat=\"c\n1\" partition=3");
        assertThat(json.get("stack_trace").textValue()).contains("IllegalStateException: why");
    }

    @Test
    void shouldWriteALineOfTextWithItsTimeInUtc() throws Exception {
        // When
        String line = line("/logback-text.xml", "A write failed. partition={}", null, 3);

        // Then
        assertThat(line)
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN  \\[.*\\] ROOT A write failed\\. partition=3\\R");
    }
}
