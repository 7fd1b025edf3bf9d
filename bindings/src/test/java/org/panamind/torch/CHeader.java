package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What panamind.h declares, read from its text: enough of C for that header, and an error for
 * anything else.
 *
 * @param functions descriptors of the PM_API functions and of the callback types, by name
 * @param constants values of the #define lines that have a number
 * @param structs layouts of the members, by the struct's name
 */
record CHeader(
    Map<String, FunctionDescriptor> functions,
    Map<String, Integer> constants,
    Map<String, List<MemoryLayout>> structs) {

  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern CONSTANT =
      Pattern.compile("^#define +(\\w+) +(-?\\d+) *$", Pattern.MULTILINE);
  private static final Pattern FUNCTION =
      Pattern.compile("PM_API\\s+([^;()]*?)(\\w+)\\s*\\(([^()]*)\\)\\s*;");
  private static final Pattern CALLBACK =
      Pattern.compile("typedef\\s+([^;()]*?)\\(\\*(\\w+)\\)\\s*\\(([^()]*)\\)\\s*;");
  private static final Pattern STRUCT =
      Pattern.compile("typedef\\s+struct\\s+(\\w+)\\s*\\{([^}]*)\\}\\s*\\w+\\s*;");
  private static final Pattern DECLARATION = Pattern.compile("(.*?)\\b(\\w+)");

  static CHeader parse(String text) {
    var code = COMMENT.matcher(text).replaceAll(" ");
    Map<String, FunctionDescriptor> functions = new TreeMap<>();
    for (var pattern : List.of(FUNCTION, CALLBACK)) {
      pattern
          .matcher(code)
          .results()
          .forEach(
              found ->
                  functions.put(
                      found.group(2), descriptor(found.group(1), found.group(3).strip())));
    }
    Map<String, Integer> constants = new TreeMap<>();
    CONSTANT
        .matcher(code)
        .results()
        .forEach(found -> constants.put(found.group(1), Integer.valueOf(found.group(2))));
    Map<String, List<MemoryLayout>> structs = new TreeMap<>();
    STRUCT
        .matcher(code)
        .results()
        .forEach(found -> structs.put(found.group(1), members(found.group(2))));
    return new CHeader(functions, constants, structs);
  }

  private static FunctionDescriptor descriptor(String result, String parameters) {
    var layouts = new ArrayList<MemoryLayout>();
    if (!parameters.equals("void")) {
      for (var parameter : parameters.split(",")) layouts.add(declared(parameter.strip()));
    }
    var arguments = layouts.toArray(new MemoryLayout[0]);
    return result.strip().equals("void")
        ? FunctionDescriptor.ofVoid(arguments)
        : FunctionDescriptor.of(layout(result), arguments);
  }

  private static List<MemoryLayout> members(String body) {
    var members = new ArrayList<MemoryLayout>();
    for (var member : body.strip().split(";")) {
      if (!member.isBlank()) members.add(declared(member.strip()));
    }
    return members;
  }

  /** A type followed by a name. */
  private static MemoryLayout declared(String declaration) {
    var found = DECLARATION.matcher(declaration);
    if (!found.matches()) throw new IllegalArgumentException("no declaration: " + declaration);
    return layout(found.group(1));
  }

  private static MemoryLayout layout(String type) {
    var name = type.replace("const", "").strip();
    if (name.endsWith("*")) return ADDRESS;
    return switch (name) {
      case "int32_t" -> JAVA_INT;
      case "int64_t" -> JAVA_LONG;
      case "float" -> JAVA_FLOAT;
      case "double" -> JAVA_DOUBLE;
      default -> {
        // Handles of other kinds are opaque pointers as well, and named alike.
        if (name.matches("pm_\\w+")) yield ADDRESS;
        throw new IllegalArgumentException("a C type that this reader does not know: " + type);
      }
    };
  }
}
