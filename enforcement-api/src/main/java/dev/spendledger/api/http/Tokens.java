package dev.spendledger.api.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tokens that callers show, and what each is given for. Kept as hashes; which one a caller has shown takes the same time
 * to find out whatever it is. No message of this class has a token in it.
 */
public final class Tokens {
    private static final String TOKEN_FORM = "16 to 256 visible ASCII characters";
    private static final String COMMENT = "#";

    private final List<Token> tokens;

    private record Token(byte[] hash, Set<Role> roles) {}

    private Tokens(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /**
     * Reads a file of tokens: on each line roles, with commas, and a token, with blanks between. Empty lines, and those that
     * begin with {@code #}, say nothing.
     *
     * @throws IllegalArgumentException if a line is something else, or there is no token; the message names the line
     */
    public static Tokens parse(String file) {
        List<Token> tokens = lines(file).stream()
                .map(line -> token(line.text().split("\\s+"), line.number()))
                .toList();
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("there is no token in it");
        }
        return new Tokens(tokens);
    }

    /** A line that says something, and which one of the file it is. */
    private record Line(int number, String text) {}

    private static List<Line> lines(String file) {
        List<String> all = file.lines().map(String::trim).toList();
        return IntStream.range(0, all.size())
                .mapToObj(index -> new Line(index + 1, all.get(index)))
                .filter(line -> !line.text().isEmpty() && !line.text().startsWith(COMMENT))
                .toList();
    }

    private static Token token(String[] parts, int line) {
        if (parts.length != 2) {
            throw new IllegalArgumentException("line " + line + " must be roles, with commas, and a token");
        }
        requireToken(parts[1], line);
        return new Token(hash(parts[1]), roles(parts[0], line));
    }

    private static Set<Role> roles(String names, int line) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String name : names.split(",", -1)) {
            roles.add(Stream.of(Role.values())
                    .filter(role -> role.code().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("the roles of line " + line + " must be among "
                            + Stream.of(Role.values()).map(Role::code).collect(Collectors.joining(", ")))));
        }
        return roles;
    }

    /**
     * Reads the file of the secret that the instances of a ledger share: a line each, the first of which they show and any of
     * which they take, so that it can be changed without a break.
     *
     * @throws IllegalArgumentException if a line is no secret, or there is none; the message names the line
     */
    public static List<String> parseSecrets(String file) {
        List<Line> lines = lines(file);
        lines.forEach(line -> requireToken(line.text(), line.number()));
        List<String> secrets = lines.stream().map(Line::text).toList();
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("there is no secret in it");
        }
        return secrets;
    }

    private static void requireToken(String token, int line) {
        if (!token.matches("[\\x21-\\x7e]{16,256}")) {
            throw new IllegalArgumentException("what stands on line " + line + " must be " + TOKEN_FORM);
        }
    }

    /** What a token is given for; empty = it is none of these. */
    Set<Role> rolesOf(String shown) {
        byte[] hash = hash(shown);
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Token token : tokens) { // All of them, however early one is equal.
            if (MessageDigest.isEqual(token.hash(), hash)) {
                roles.addAll(token.roles());
            }
        }
        return roles;
    }

    /** Whether what was shown is one of the secrets, in a time that tells nothing of it. */
    static boolean isAmong(List<String> secrets, String shown) {
        byte[] hash = hash(shown);
        boolean found = false;
        for (String secret : secrets) {
            found |= MessageDigest.isEqual(hash(secret), hash);
        }
        return found;
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
