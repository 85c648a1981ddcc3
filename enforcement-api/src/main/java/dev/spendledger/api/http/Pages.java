package dev.spendledger.api.http;

import dev.spendledger.api.http.ApiException.Validation;
import dev.spendledger.api.query.LedgerReader.Member;
import dev.spendledger.api.query.SpendQuery.Page;
import dev.spendledger.api.query.SpendView;
import dev.spendledger.streams.domain.Ranges;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Pages of a tree's chats: the parameters that ask for one, and the token that leads to the next. */
final class Pages {
    private static final int SIZE_DEFAULT = 100;
    private static final int SIZE_MAX = 1_000;

    private Pages() {}

    /** The page that a request asks for; empty = none. */
    static Optional<Page> read(MultiMap parameters) {
        List<Validation> violations = new ArrayList<>();
        String breakdown = parameters.contains("breakdown") ? parameters.get("breakdown") : "false";
        if (!breakdown.equals("true") && !breakdown.equals("false")) {
            violations.add(new Validation("breakdown", "must be true or false"));
        }
        int size = size(parameters.get("page_size"), violations);
        String after = after(parameters.get("page_token"), violations);
        if (!violations.isEmpty()) {
            throw ApiException.invalid(violations);
        }
        return breakdown.equals("true") ? Optional.of(new Page(after, size)) : Optional.empty();
    }

    private static int size(String text, List<Validation> violations) {
        if (text == null) {
            return SIZE_DEFAULT;
        }
        if (text.matches("\\d{1,4}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= SIZE_MAX) {
            return Integer.parseInt(text);
        }
        violations.add(new Validation("page_size", "must be an integer from 1 to " + SIZE_MAX));
        return SIZE_DEFAULT;
    }

    private static String after(String token, List<Validation> violations) {
        if (token == null) {
            return "";
        }
        try {
            String chatId = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (Ranges.isId(chatId)) {
                return chatId;
            }
        } catch (IllegalArgumentException e) {
            // Said below, as of any other token that no reply has given.
        }
        violations.add(new Validation("page_token", "must be the next_page_token of a reply"));
        return "";
    }

    /** The token of the page behind the one shown; null = there is none. */
    static String nextToken(SpendView view) {
        if (!view.moreChats()) {
            return null;
        }
        List<Member> shown = view.chats().orElseThrow();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(shown.get(shown.size() - 1).chatId().getBytes(StandardCharsets.UTF_8));
    }
}
