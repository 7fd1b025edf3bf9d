package org.panamind.dataset.template;

import java.util.List;
import java.util.Map;

/** Runs statements. One renderer serves one rendering. */
final class Renderer {
  private static final int DEEPEST_CALL = 100;

  private final Evaluator evaluator = new Evaluator();
  private final Scope global;
  private TextBuilder out = new TextBuilder();
  private int calls;

  /** What comes after a statement: the next one, or a jump in the loop around it. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Renderer(Map<String, Object> variables) {
    this.global = new Scope(variables);
  }

  Text render(List<Node> nodes) {
    run(nodes, global);
    return out.build();
  }

  private Flow run(List<Node> nodes, Scope scope) {
    for (Node node : nodes) {
      evaluator.count(node.at());
      Flow flow;
      try {
        flow = run(node, scope);
      } catch (Fault fault) {
        throw node.at().error(fault.getMessage());
      }
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow run(Node node, Scope scope) {
    switch (node) {
      case Node.Data data -> out.append(data.text());
      case Node.Print print -> out.append(PythonText.str(evaluator.value(print.value(), scope)));
      case Node.If branch -> {
        return run(
            evaluator.isTrue(branch.condition(), scope) ? branch.then() : branch.otherwise(),
            scope);
      }
      case Node.For loop -> {
        return loop(loop, scope);
      }
      case Node.Set set -> assign(set.targets(), evaluator.value(set.value(), scope), scope);
      case Node.SetAttribute set -> setAttribute(set, scope);
      case Node.SetBlock set -> scope.set(set.name(), captured(set.body(), new Scope(scope)));
      case Node.Macro macro -> {
        Callable callable = given -> call(macro, given, scope);
        scope.set(macro.name(), callable);
      }
      case Node.Group group -> {
        return run(group.body(), scope);
      }
      case Node.Jump jump -> {
        return jump.leave() ? Flow.BREAK : Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private static void assign(List<String> targets, Object value, Scope scope) {
    if (targets.size() == 1) {
      scope.set(targets.getFirst(), value);
      return;
    }
    List<?> parts = Operators.elements(value);
    if (parts.size() != targets.size()) {
      throw new Fault(
          "%d values cannot be given to %d names".formatted(parts.size(), targets.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      scope.set(targets.get(i), parts.get(i));
    }
  }

  private void setAttribute(Node.SetAttribute set, Scope scope) {
    Object value = evaluator.value(set.value(), scope);
    if (!(scope.get(set.object()) instanceof Functions.Namespace namespace)) {
      throw new Fault(
          "only attributes of a namespace can be set, and \"" + set.object() + "\" is none");
    }
    namespace.attributes().put(set.name(), value);
  }

  private Flow loop(Node.For loop, Scope scope) {
    List<?> all = Operators.elements(evaluator.value(loop.items(), scope));
    Scope inner = new Scope(scope);
    List<?> items = all;
    if (loop.condition() != null) {
      items =
          all.stream()
              .filter(
                  item -> {
                    assign(loop.targets(), item, inner);
                    return evaluator.isTrue(loop.condition(), inner);
                  })
              .toList();
    }
    if (items.isEmpty()) {
      return run(loop.otherwise(), scope);
    }
    Loop state = new Loop(items);
    for (int i = 0; i < items.size(); i++) {
      inner.clear();
      state.moveTo(i);
      inner.set("loop", state);
      assign(loop.targets(), items.get(i), inner);
      if (run(loop.body(), inner) == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  private Text captured(List<Node> body, Scope scope) {
    TextBuilder outside = out;
    out = new TextBuilder();
    try {
      run(body, scope);
      return out.build();
    } finally {
      out = outside;
    }
  }

  private Text call(Node.Macro macro, Given given, Scope scope) {
    if (++calls > DEEPEST_CALL) {
      throw new Fault("macros call each other more than " + DEEPEST_CALL + " levels deep");
    }
    List<String> names = macro.parameters();
    given.of(names.toArray(String[]::new));
    Scope inner = new Scope(scope);
    for (int i = 0; i < names.size(); i++) {
      Expr otherwise = macro.defaults().get(i);
      boolean omitted = !given.has(i, names.get(i));
      inner.set(
          names.get(i),
          omitted && otherwise != null
              ? evaluator.value(otherwise, inner)
              : given.or(i, names.get(i), new Undefined('"' + names.get(i) + '"')));
    }
    Text text = captured(macro.body(), inner);
    calls--;
    return text;
  }
}
