package org.panamind.stage.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.stage.ConfigException;

class ConfigSchemaTest {
  private final ConfigSchema<ExampleConfig> schema = ConfigSchema.of(ExampleConfig.class);

  @Test
  void derivesTheFlagsFromTheRecord() {
    String flags =
        schema.options().stream()
            .map(
                o ->
                    String.join(
                        " | ", o.flag(), o.valueHint(), o.group(), o.unit(), o.defaultText()))
            .collect(Collectors.joining("\n"));
    assertEquals(
        """
        --data_path | PATH | Data |  | none
        --lora_target | A,B,… | Data |  | q_proj,o_proj
        --learning_rate | NUMBER | Training |  | 5e-4
        --grad_clip | NUMBER | Limits |  | none
        --batch_size | INT | Training | samples | 8
        --max_tokens | INT | Options | tokens | 1099511627776
        --use_moe | [0|1] | Options |  | false
        --run_name | TEXT | Options |  | demo
        --limit | INT | Options |  | none
        --bad_lines | fail|skip_all | Options |  | fail\
        """,
        flags);
  }

  @Test
  void leavesDefaultsWhereNothingIsGiven() {
    assertEquals(ExampleConfig.DEFAULT, schema.build(Map.of()));
  }

  @Test
  void readsEveryType() {
    ExampleConfig config =
        schema.build(
            Map.of(
                "data_path", "a/b.jsonl",
                "lora_target", "k_proj, v_proj",
                "learning_rate", "1E-3",
                "grad_clip", "1",
                "batch_size", "32",
                "max_tokens", "-7",
                "use_moe", "1",
                "run_name", "x=y",
                "limit", "3",
                "bad_lines", "skip-all"));
    assertEquals(
        new ExampleConfig(
            Path.of("a/b.jsonl"),
            List.of("k_proj", "v_proj"),
            new ExampleConfig.Shared(1e-3, 1.0),
            32,
            -7,
            true,
            "x=y",
            3,
            ExampleConfig.Mode.SKIP_ALL),
        config);
  }

  @Test
  void noneTakesTheValueAwayWhereThereCanBeNone() {
    assertNull(schema.build(Map.of("run_name", "none")).runName());
    Map<String, String> values = new HashMap<>();
    values.put("run_name", null);
    assertNull(schema.build(values).runName());
    assertEquals(
        "--batch_size is \"none\", must be a whole number", refusal(Map.of("batch_size", "none")));
  }

  @ParameterizedTest
  @CsvSource({"1,true", "0,false", "true,true", "False,false"})
  void readsBooleansAsMiniMindDoes(String text, boolean expected) {
    assertEquals(expected, schema.build(Map.of("use_moe", text)).useMoe());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "batch_size~ eight~ --batch_size is \"eight\", must be a whole number",
        "batch_size~ 8.0~ --batch_size is \"8.0\", must be a whole number",
        "batch_size~ 3000000000~ --batch_size is 3000000000, must be a whole number from"
            + " -2147483648 to 2147483647",
        "batch_size~ 0~ --batch_size is 0, must be at least 1",
        "learning_rate~ NaN~ --learning_rate is \"NaN\", must be a number, for example 0.1 or 5e-4",
        "learning_rate~ 1e999~ --learning_rate is 1e999, must be a number that 64 bits can hold",
        "learning_rate~ -1~ --learning_rate is -1.0, must be above 0",
        "use_moe~ yes~ --use_moe is \"yes\", must be 1, 0, true or false",
        "bad_lines~ drop~ --bad_lines is \"drop\", must be one of fail, skip_all",
        "data_path~ ''~ --data_path is empty, must be a path",
        "batchsize~ 8~ there is no option --batchsize; did you mean --batch_size?",
        "colour~ red~ there is no option --colour",
      })
  void refusesInOneLine(String name, String text, String message) {
    assertEquals(message, refusal(Map.of(name, text)));
  }

  @Test
  void writesTheResolvedConfigInTheRecordsOrder() {
    assertEquals(
        """
        {
          "data_path" : null,
          "lora_target" : [ "q_proj", "o_proj" ],
          "learning_rate" : 5.0E-4,
          "grad_clip" : null,
          "batch_size" : 8,
          "max_tokens" : 1099511627776,
          "use_moe" : false,
          "run_name" : "demo",
          "limit" : null,
          "bad_lines" : "fail"
        }\
        """,
        schema.toJson(ExampleConfig.DEFAULT));
    assertEquals(ExampleConfig.DEFAULT, schema.build(schema.texts(ExampleConfig.DEFAULT)));
  }

  @Test
  void refusesARecordThatIsNoConfig() {
    record NoDefault(@Option(help = "x") int a) {}
    record NoHelp(int a) {
      static final NoHelp DEFAULT = new NoHelp(1);
    }
    record BadType(@Option(help = "x") List<Integer> a) {
      static final BadType DEFAULT = new BadType(List.of());
    }
    record Inner(@Option(help = "x") int a) {}
    record Twice(Inner b, @Option(help = "x") int a) {
      static final Twice DEFAULT = new Twice(new Inner(1), 1);
    }
    for (Class<? extends Record> type :
        List.of(NoDefault.class, NoHelp.class, BadType.class, Twice.class)) {
      assertThrows(IllegalArgumentException.class, () -> ConfigSchema.of(type), type.getName());
    }
  }

  private String refusal(Map<String, String> values) {
    return assertThrows(ConfigException.class, () -> schema.build(values)).getMessage();
  }
}
