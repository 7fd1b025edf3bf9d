/**
 * From a record to flags, JSON keys, help and back.
 *
 * <p>A stage writes its options as a record; each component carries {@link
 * org.panamind.stage.config.Option}, bounds are checked in the compact constructor (with {@link
 * org.panamind.stage.config.Bounds}), a static field {@code DEFAULT} holds the defaults, and
 * components that are records themselves are flattened, so that stages share groups of options:
 *
 * <pre>{@code
 * public record SftConfig(
 *     @Option(help = "conversations, JSONL", group = "Data") Path dataPath,
 *     TrainingOptions training) {
 *   public static final SftConfig DEFAULT = new SftConfig(null, TrainingOptions.DEFAULT);
 * }
 * }</pre>
 *
 * {@link org.panamind.stage.config.ConfigSchema} walks the record once: {@code dataPath} becomes
 * {@code --data_path}, the JSON key {@code data_path} and a line of the help. Values are layered:
 * {@code DEFAULT}, then the stage's preset, then {@code --config FILE.json} ({@link
 * org.panamind.stage.config.ConfigFile}), then flags.
 */
package org.panamind.stage.config;
