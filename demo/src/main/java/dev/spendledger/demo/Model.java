package dev.spendledger.demo;

/**
 * A model that the simulated agents call, with the list price that its maker published in 2025. The ledger knows no
 * prices: whoever calls a model knows what it asked and got, and tells the ledger the cost.
 */
enum Model {
    CLAUDE_SONNET_4("claude-sonnet-4", 3_000_000, 15_000_000),
    GEMINI_2_5_PRO("gemini-2.5-pro", 1_250_000, 10_000_000),
    GPT_4_1("gpt-4.1", 2_000_000, 8_000_000),
    GPT_4_1_MINI("gpt-4.1-mini", 400_000, 1_600_000);

    private static final long TOKENS = 1_000_000;

    private final String id;
    private final long inputPriceMicros;
    private final long outputPriceMicros;

    /**
     * @param inputPriceMicros what a million tokens of input cost, in millionths of a US dollar
     * @param outputPriceMicros what a million tokens of output cost, likewise
     */
    Model(String id, long inputPriceMicros, long outputPriceMicros) {
        this.id = id;
        this.inputPriceMicros = inputPriceMicros;
        this.outputPriceMicros = outputPriceMicros;
    }

    /** Its name in messages. */
    String id() {
        return id;
    }

    /** What one call costs, in micros. Part of a micro counts as a whole one: rounded down, spend would get lost. */
    long costMicros(int inputTokens, int outputTokens) {
        long forAMillion = inputTokens * inputPriceMicros + outputTokens * outputPriceMicros;
        return (forAMillion + TOKENS - 1) / TOKENS;
    }
}
