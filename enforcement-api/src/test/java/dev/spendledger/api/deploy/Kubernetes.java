package dev.spendledger.api.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the files that deploy/kubernetes/kustomization.yaml names say. */
final class Kubernetes {
    static final Path FOLDER = Image.ROOT.resolve("deploy/kubernetes");

    private final JsonNode kustomization;
    private final List<JsonNode> resources = new ArrayList<>();

    private Kubernetes() throws IOException {
        kustomization = Yaml.read(FOLDER.resolve("kustomization.yaml"));
        for (JsonNode resource : kustomization.get("resources")) {
            resources.addAll(Yaml.readAll(FOLDER.resolve(resource.textValue())));
        }
    }

    static Kubernetes read() throws IOException {
        return new Kubernetes();
    }

    List<JsonNode> resources() {
        return resources;
    }

    JsonNode resource(String kind, String name) {
        return resources.stream()
                .filter(resource -> resource.get("kind").textValue().equals(kind)
                        && resource.at("/metadata/name").textValue().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + kind + " " + name));
    }

    JsonNode pod() {
        return resource("StatefulSet", "ledger").at("/spec/template/spec");
    }

    JsonNode container() {
        return pod().at("/containers/0");
    }

    /** The whole environment of an instance, that of its image included. */
    Map<String, String> environment(String pod) throws IOException {
        Map<String, String> environment = new HashMap<>(Image.read().environment());
        environment.putAll(
                generated(container().at("/envFrom/0/configMapRef/name").textValue()));
        for (JsonNode variable : container().get("env")) {
            String value = variable.has("value")
                    ? variable.get("value").textValue()
                    : Map.of("metadata.name", pod)
                            .get(variable.at("/valueFrom/fieldRef/fieldPath").textValue());
            for (Map.Entry<String, String> known : Map.copyOf(environment).entrySet()) {
                value = value.replace("$(" + known.getKey() + ")", known.getValue());
            }
            environment.put(variable.get("name").textValue(), value);
        }
        return environment;
    }

    /** What kustomize makes a ConfigMap of. */
    private Map<String, String> generated(String name) throws IOException {
        Map<String, String> settings = new HashMap<>();
        for (JsonNode generator : kustomization.get("configMapGenerator")) {
            if (generator.get("name").textValue().equals(name)) {
                for (JsonNode file : generator.get("envs")) {
                    Files.readAllLines(FOLDER.resolve(file.textValue())).stream()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> line.split("=", 2))
                            .forEach(assignment -> settings.put(assignment[0], assignment[1]));
                }
            }
        }
        return settings;
    }
}
