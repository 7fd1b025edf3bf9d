package org.panamind.host.plugin;

import java.nio.file.Path;
import org.panamind.stage.Stage;
import org.panamind.stage.config.ConfigSchema;

/**
 * A stage that is ready to run.
 *
 * @param stage the plugin's instance
 * @param name what the user calls it by
 * @param schema its options
 * @param jar where it came from
 * @param version of its plugin
 */
public record InstalledStage<C extends Record>(
    Stage<C> stage, String name, ConfigSchema<C> schema, Path jar, String version) {}
