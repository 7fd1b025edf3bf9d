package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes expressions, and counts steps so that no template runs for ever. */
final class Evaluator {
  private static final int MOST_STEPS = 5_000_000;

  private int steps;

  Object value(Expr expr, Scope scope) {
    count(expr.at());
    try {
      return compute(expr, scope);
    } catch (Fault fault) {
      throw expr.at().error(fault.getMessage());
    }
  }

  void count(Place at) {
    if (++steps > MOST_STEPS) {
      throw at.error("the template takes more than " + MOST_STEPS + " steps");
    }
  }

  boolean isTrue(Expr expr, Scope scope) {
    return Operators.isTrue(value(expr, scope));
  }

  private Object compute(Expr expr, Scope scope) {
    return switch (expr) {
      case Expr.Literal literal -> literal.value();
      case Expr.Name name -> scope.get(name.name());
      case Expr.Attribute a -> Access.attribute(value(a.of(), scope), a.name());
      case Expr.Item i -> Access.item(value(i.of(), scope), value(i.key(), scope));
      case Expr.Slice s ->
          Access.slice(
              value(s.of(), scope),
              orNull(s.from(), scope),
              orNull(s.to(), scope),
              orNull(s.step(), scope));
      case Expr.Call call -> call(call, scope);
      case Expr.Filtered f ->
          Filters.apply(f.name(), value(f.value(), scope), given(f.arguments(), scope));
      case Expr.Tested t ->
          Tests.holds(t.name(), value(t.value(), scope), given(t.arguments(), scope));
      case Expr.Unary unary -> unary(unary, scope);
      case Expr.Binary binary -> binary(binary, scope);
      case Expr.Compared compared -> compared(compared, scope);
      case Expr.Choice choice -> choice(choice, scope);
      case Expr.ListOf list -> {
        List<Object> items = values(list.items(), scope);
        yield list.tuple() ? new Tuple(items) : items;
      }
      case Expr.DictOf dict -> dict(dict, scope);
    };
  }

  private Object orNull(Expr expr, Scope scope) {
    return expr == null ? null : value(expr, scope);
  }

  private List<Object> values(List<Expr> items, Scope scope) {
    List<Object> values = new ArrayList<>(items.size());
    for (Expr item : items) {
      values.add(value(item, scope));
    }
    return values;
  }

  private Map<Object, Object> dict(Expr.DictOf dict, Scope scope) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dict.keys().size(); i++) {
      map.put(value(dict.keys().get(i), scope), value(dict.values().get(i), scope));
    }
    return map;
  }

  private Given given(Expr.Arguments arguments, Scope scope) {
    if (arguments == Expr.Arguments.NONE) {
      return Given.NOTHING;
    }
    Map<String, Object> named = new LinkedHashMap<>();
    List<Object> positional = values(arguments.positional(), scope);
    arguments.named().forEach((name, expr) -> named.put(name, value(expr, scope)));
    return new Given(positional, named);
  }

  private Object call(Expr.Call call, Scope scope) {
    Object function = value(call.function(), scope);
    Given given = given(call.arguments(), scope);
    if (function instanceof Callable callable) {
      return callable.call(given);
    }
    String name = call.function() instanceof Expr.Attribute a ? " (\"." + a.name() + "\")" : "";
    throw new Fault(Operators.nameOf(function) + " cannot be called" + name);
  }

  private Object unary(Expr.Unary unary, Scope scope) {
    Object operand = value(unary.operand(), scope);
    return switch (unary.operator()) {
      case "not" -> !Operators.isTrue(operand);
      case "-" -> Operators.negative(operand);
      default -> operand instanceof Double ? operand : Operators.whole(Operators.big(operand));
    };
  }

  private Object binary(Expr.Binary binary, Scope scope) {
    Object left = value(binary.left(), scope);
    return switch (binary.operator()) {
      case "and" -> Operators.isTrue(left) ? value(binary.right(), scope) : left;
      case "or" -> Operators.isTrue(left) ? left : value(binary.right(), scope);
      default -> Operators.binary(binary.operator(), left, value(binary.right(), scope));
    };
  }

  private Object compared(Expr.Compared compared, Scope scope) {
    Object left = value(compared.first(), scope);
    for (int i = 0; i < compared.operators().size(); i++) {
      Object right = value(compared.rest().get(i), scope);
      if (!Operators.holds(compared.operators().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Object choice(Expr.Choice choice, Scope scope) {
    if (isTrue(choice.condition(), scope)) {
      return value(choice.then(), scope);
    }
    return choice.otherwise() == null
        ? new Undefined("an \"if\" without \"else\"")
        : value(choice.otherwise(), scope);
  }
}
