package org.panamind.stage.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.panamind.stage.ConfigException;

/**
 * The one walker over config records. Flags, JSON keys, help and the stored config all come from
 * it, in the order in which the record declares its components.
 *
 * @param <C> the record
 */
public final class ConfigSchema<C extends Record> {
  private final RecordShape shape;
  private final Class<C> type;
  private final C defaults;
  private final Map<String, OptionSpec> options = new LinkedHashMap<>();
  private final Map<String, Class<?>> types = new LinkedHashMap<>();

  private ConfigSchema(Class<C> type) {
    this.type = type;
    this.defaults = defaultsOf(type);
    this.shape = RecordShape.of(type);
    shape.visit(
        defaults,
        OptionSpec.DEFAULT_GROUP,
        (leaf, value) -> {
          if (options.put(leaf.name(), leaf.spec(value)) != null) {
            throw new IllegalArgumentException(
                type.getName() + " has two options named " + leaf.name());
          }
          types.put(leaf.name(), leaf.type());
        });
  }

  /**
   * Reads a record's options.
   *
   * @param type a record with a static field {@code DEFAULT} of its own type, whose components are
   *     options or records of options
   * @throws IllegalArgumentException if the record is not of that form: a fault of the plugin
   */
  public static <C extends Record> ConfigSchema<C> of(Class<C> type) {
    return new ConfigSchema<>(type);
  }

  /** All options in order of declaration. */
  public List<OptionSpec> options() {
    return List.copyOf(options.values());
  }

  /** The record's {@code DEFAULT}. */
  public C defaults() {
    return defaults;
  }

  /**
   * Makes a config from values over the defaults.
   *
   * @param values option name (snake_case) to text, as typed; {@code none} stands for no value. Any
   *     layers (preset, file, flags) are already put over each other
   * @throws ConfigException if a name is unknown, a text is no value of its option, or the record
   *     refuses the values
   */
  public C build(Map<String, String> values) {
    for (String name : values.keySet()) {
      if (!options.containsKey(name)) {
        throw new ConfigException(
            "there is no option --" + name + Nearest.suggestion(name, options.keySet(), "--"));
      }
    }
    return type.cast(shape.build(defaults, values));
  }

  /**
   * Checks that a text is a value of an option, with a label of the caller's in the message.
   *
   * @param name a known option's name
   * @param label what the message begins with, for example {@code run.json: "batch_size"}
   * @throws ConfigException if it is none
   */
  void check(String name, String label, String text) {
    OptionValue.parse(types.get(name), label, text);
  }

  /** One option, or null when there is none of that name. */
  OptionSpec option(String name) {
    return options.get(name);
  }

  /**
   * The resolved values in order of declaration, ready for a JSON object.
   *
   * @return option name to a number, boolean, string, list of strings or null
   */
  public Map<String, Object> values(C config) {
    Map<String, Object> values = new LinkedHashMap<>();
    each(config, (name, value) -> values.put(name, OptionValue.json(value)));
    return values;
  }

  /** The resolved values as a user would type them, in order of declaration. */
  public Map<String, String> texts(C config) {
    Map<String, String> texts = new LinkedHashMap<>();
    each(config, (name, value) -> texts.put(name, OptionValue.text(value)));
    return texts;
  }

  /** The resolved config as JSON, one option a line; {@link ConfigFile} reads it back. */
  public String toJson(C config) {
    return ConfigFile.write(values(config));
  }

  private void each(C config, BiConsumer<String, Object> consumer) {
    shape.visit(
        config, OptionSpec.DEFAULT_GROUP, (leaf, value) -> consumer.accept(leaf.name(), value));
  }

  private static <C extends Record> C defaultsOf(Class<C> type) {
    try {
      var field = type.getDeclaredField("DEFAULT");
      field.setAccessible(true);
      return type.cast(field.get(null));
    } catch (ReflectiveOperationException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException(
          type.getName() + " needs a static field DEFAULT of its own type", e);
    }
  }

  /** How a record is taken apart and put together again; records in it have shapes of their own. */
  private record RecordShape(Constructor<?> constructor, List<Part> parts) {
    static RecordShape of(Class<?> type) {
      List<Part> parts = new ArrayList<>();
      List<Class<?>> types = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        types.add(component.getType());
        parts.add(Part.of(component));
      }
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return new RecordShape(constructor, parts);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }

    void visit(Object record, String group, BiConsumer<Leaf, Object> visitor) {
      for (Part part : parts) {
        Object value = part.read(record);
        String name = part.group().isEmpty() ? group : part.group();
        switch (part) {
          case Leaf leaf -> visitor.accept(leaf.inGroup(name), value);
          case Nested nested -> nested.shape().visit(value, name, visitor);
        }
      }
    }

    Object build(Object defaults, Map<String, String> values) {
      List<Object> arguments = new ArrayList<>();
      for (Part part : parts) {
        Object standard = part.read(defaults);
        arguments.add(
            switch (part) {
              case Nested nested -> nested.shape().build(standard, values);
              case Leaf leaf when values.containsKey(leaf.name()) ->
                  OptionValue.parse(leaf.type(), "--" + leaf.name(), values.get(leaf.name()));
              case Leaf leaf -> standard;
            });
      }
      return construct(arguments.toArray());
    }

    private Object construct(Object[] arguments) {
      try {
        return constructor.newInstance(arguments);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException refusal) {
          throw refusal;
        }
        throw new IllegalStateException(e);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** A component: an option, or a record of options. */
  private sealed interface Part {
    RecordComponent component();

    String group();

    static Part of(RecordComponent component) {
      component.getAccessor().setAccessible(true);
      Option option = component.getAnnotation(Option.class);
      String group = option == null ? "" : option.group();
      if (component.getType().isRecord()) {
        return new Nested(component, group, RecordShape.of(component.getType()));
      }
      if (OptionValue.kindOf(component.getType()) == null || !isListOfTexts(component)) {
        throw new IllegalArgumentException(
            component + ": options cannot be of type " + component.getGenericType());
      }
      if (option == null || option.help().isBlank()) {
        throw new IllegalArgumentException(component + " needs @Option(help = …)");
      }
      String name = option.name().isEmpty() ? snakeCase(component.getName()) : option.name();
      return new Leaf(component, group, name, option);
    }

    default Object read(Object record) {
      try {
        return component().getAccessor().invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    private static boolean isListOfTexts(RecordComponent component) {
      return component.getType() != List.class
          || component.getGenericType().getTypeName().equals("java.util.List<java.lang.String>");
    }

    private static String snakeCase(String camelCase) {
      return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(java.util.Locale.ROOT);
    }
  }

  private record Nested(RecordComponent component, String group, RecordShape shape)
      implements Part {}

  private record Leaf(RecordComponent component, String group, String name, Option option)
      implements Part {
    Class<?> type() {
      return component.getType();
    }

    Leaf inGroup(String heading) {
      return new Leaf(component, heading, name, option);
    }

    OptionSpec spec(Object standard) {
      return new OptionSpec(
          name,
          OptionValue.kindOf(type()),
          option.help(),
          option.unit(),
          group,
          OptionValue.text(standard),
          OptionValue.choices(type()),
          !type().isPrimitive());
    }
  }
}
