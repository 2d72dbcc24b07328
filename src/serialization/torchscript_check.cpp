#include "serialization/torchscript_check.h"

#include <torch/csrc/jit/frontend/tree_views.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "serialization/pickle_data.h"
#include "serialization/torchscript_operations.h"
#include "serialization/torchscript_source.h"

namespace styletransfer::detail {
namespace {

using namespace torch::jit;  // NOLINT(google-build-using-namespace): kinds of tokens are its macros

/// Records that an archive may contain. LibTorch's loader reads the first four, data and code.
bool is_known_record(const std::string& name) {
  for (const char* known : {"data.pkl", "constants.pkl", "version", "byteorder", ".data/version",
                            ".data/serialization_id", ".format_version", ".storage_alignment",
                            "traced_inputs.pkl", "bytecode.pkl"}) {
    if (name == known) return true;
  }
  for (const char* folder : {"data/", "constants/", "code/", "extra/", "traced_inputs/"}) {
    if (name.starts_with(folder)) return true;
  }
  return false;
}

/// "a.b.c" for a chain of member accesses; std::nullopt for any other expression.
std::optional<std::string> dotted_name(const TreeRef& tree) {
  if (tree->kind() == TK_VAR) return Var(tree).name().name();
  if (tree->kind() != '.') return std::nullopt;
  const Select select(tree);
  const auto before = dotted_name(select.value().get());
  if (!before) return std::nullopt;
  return *before + "." + select.selector().name();
}

/// True for "_0", "_12": names that torch.jit.save gives to subexpressions.
bool is_numbered_name(const std::string& name) {
  return name.size() > 1 && name[0] == '_' &&
         std::all_of(name.begin() + 1, name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// True if LibTorch has an operator of that name in the namespace.
bool is_operator_of(const char* space, const std::string& name) {
  return !getAllOperatorsFor(c10::Symbol::fromQualString(std::string(space) + "::" + name)).empty();
}

/// Walks the syntax trees. Every node kind that is not explicitly allowed is refused.
class Check {
 public:
  explicit Check(const TorchScriptSource& source) : source_(source) {}

  void run() {
    // A method with the name of a forbidden operation could hide a call of that operation.
    for (const std::string& name : source_.methods) {
      const bool is_container =
          name == "__len__" || name == "__contains__" || name == "__getitem__";
      if (name.starts_with("__") && !is_container) refuse_operation(name);
      if (is_allowed_aten(name)) continue;
      if (is_operator_of("aten", name) || is_operator_of("prim", name)) refuse_operation(name);
    }
    for (const Definition& definition : source_.definitions) {
      file_ = definition.file;
      if (definition.tree->kind() == TK_DEF) {
        check_function(Def(definition.tree));
      } else {
        check_class(ClassDef(definition.tree));
      }
    }
  }

 private:
  [[noreturn]] void refuse_operation(const std::string& name) const {
    throw ForbiddenOperation(
        "uses '" + name.substr(0, 80) + "'" + (file_.empty() ? "" : " (in " + file_ + ")") +
        ", which may do more than compute an image; if you made it yourself or trust its maker, "
        "add " +
        option("trust"));
  }
  [[noreturn]] void refuse_form(const TreeRef& tree) const {
    refuse_operation(kindToString(tree->kind()));
  }

  void check_class(const ClassDef& definition) {
    const auto base = definition.superclass();
    if (!base.present() || dotted_name(base.get().get()) != "Module") {
      refuse_operation("class " + definition.name().name() + ", which is no module");
    }
    for (const Stmt& statement : definition.body()) {
      if (statement.kind() == TK_DEF) {
        check_function(Def(statement.get()));
      } else if (statement.kind() == TK_ASSIGN) {
        check_attribute(Assign(statement.get()));
      } else {
        refuse_form(statement.get());
      }
    }
  }

  /// Forms: NAME : TYPE, NAME : Final[TYPE] = VALUE, __parameters__ = [...], __annotations__["0"] =
  /// TYPE
  void check_attribute(const Assign& assign) {
    aliases_.clear();
    const bool is_annotation = assign.lhs().kind() == TK_SUBSCRIPT;
    if (is_annotation && dotted_name(Subscript(assign.lhs().get()).value().get()) !=
                             std::string("__annotations__")) {
      refuse_form(assign.get());
    }
    if (assign.type().present()) check_type(assign.type().get().get());
    if (!assign.rhs().present()) return;
    const TreeRef value = assign.rhs().get().get();
    if (is_annotation) {
      check_type(value);
    } else {
      check(value);
    }
  }

  void check_function(const Def& function) {
    for (const Param& parameter : function.decl().params()) {
      if (parameter.type().present()) check_type(parameter.type().get().get());
      if (parameter.defaultValue().present()) check(parameter.defaultValue().get().get());
    }
    if (function.decl().return_type().present()) {
      check_type(function.decl().return_type().get().get());
    }
    aliases_.clear();
    for (const Param& parameter : function.decl().params()) {
      note_name(parameter.ident().name(), false);
    }
    for (const Stmt& statement : function.statements()) find_aliases(statement.get());
    for (const Stmt& statement : function.statements()) check(statement.get());
  }

  /// Finds names that are only ever assigned a function of the archive: "_0 = __torch__.f".
  void find_aliases(const TreeRef& tree) {
    if (tree->kind() == TK_ASSIGN) {
      const Assign assign(tree);
      const bool is_function = assign.rhs().present() && is_function_name(assign.rhs().get().get());
      note_names(tree->tree(0),
                 is_function && assign.lhs_list().size() == 1 && assign.lhs().kind() == TK_VAR);
    } else if (tree->kind() == TK_FOR) {
      note_names(tree->tree(0), false);
    }
    for (const TreeRef& child : tree->trees()) find_aliases(child);
  }
  void note_names(const TreeRef& tree, bool is_function) {
    if (tree->kind() == TK_VAR) note_name(Var(tree).name().name(), is_function);
    for (const TreeRef& child : tree->trees()) note_names(child, is_function);
  }
  void note_name(const std::string& name, bool is_function) {
    // A variable named like a library namespace would shadow it.
    if (is_library_name(name + ".")) refuse_operation(name);
    const auto noted = aliases_.emplace(name, is_function);
    noted.first->second = noted.first->second && is_function;
  }
  [[nodiscard]] bool is_function_name(const TreeRef& tree) const {
    const auto name = dotted_name(tree);
    return name && source_.functions.count(*name) != 0;
  }

  void check_all(const TreeRef& tree) {
    for (const TreeRef& child : tree->trees()) check(child);
  }

  /// Checks a statement or an expression.
  void check(const TreeRef& tree) {
    switch (tree->kind()) {
      case TK_APPLY:
        return check_call(Apply(tree));
      case '.':
        return check_select(Select(tree));
      case TK_ASSIGN:
        if (Assign(tree).type().present()) check_type(Assign(tree).type().get().get());
        check(tree->tree(0));
        if (Assign(tree).rhs().present()) check(Assign(tree).rhs().get().get());
        return;
      case TK_VAR:
      case TK_CONST:
      case TK_STRINGLITERAL:
      case TK_TRUE:
      case TK_FALSE:
      case TK_NONE:
      case TK_PASS:
      case TK_BREAK:
      case TK_CONTINUE:
        return;
      case TK_IF:
      case TK_FOR:
      case TK_WHILE:
      case TK_RETURN:
      case TK_EXPR_STMT:
      case TK_LIST:
      case TK_OPTION:
      case TK_IF_EXPR:
      case TK_AND:
      case TK_OR:
      case TK_NOT:
      case TK_IS:
      case TK_ISNOT:
      case TK_EQ:
      case TK_NE:
      case TK_LE:
      case TK_GE:
      case '<':
      case '>':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case TK_FLOOR_DIV:
      case TK_POW:
      case TK_UNARY_MINUS:
      case TK_LIST_LITERAL:
      case TK_TUPLE_LITERAL:
      case TK_DICT_LITERAL:
      case TK_SUBSCRIPT:
      case TK_SLICE_EXPR:
        return check_all(tree);
      default:
        refuse_form(tree);
    }
  }

  void check_call(const Apply& call) {
    const TreeRef callee = call.callee().get();
    for (const Attribute& argument : call.attributes()) check(argument.value().get());
    if (callee->kind() == TK_VAR) return check_plain_call(Var(callee).name().name(), call);
    check_all(call.inputs().get());
    if (callee->kind() != '.') refuse_form(callee);
    const Select method(callee);
    const auto name = dotted_name(callee);
    if (name && is_library_name(*name)) return check_library_call(*name, method);
    check(method.value().get());
    const std::string& operation = method.selector().name();
    if (source_.methods.count(operation) == 0 && !is_allowed_aten(operation)) {
      refuse_operation(operation);
    }
  }

  static bool is_library_name(const std::string& name) {
    return name.starts_with("torch.") || name.starts_with("ops.") ||
           name.starts_with("__torch__.") || name.starts_with("CONSTANTS.");
  }

  void check_library_call(const std::string& name, const Select& method) const {
    const std::string& operation = method.selector().name();
    const bool is_allowed = ((name == "torch." + operation || name == "ops.aten." + operation) &&
                             is_allowed_aten(operation)) ||
                            (name == "ops.prim." + operation && is_allowed_prim(operation)) ||
                            source_.functions.count(name) != 0;
    if (!is_allowed) refuse_operation(name);
  }

  /// Checks calls like range(3), annotate(List[int], []), getattr(self, "0"), _0(x).
  void check_plain_call(const std::string& name, const Apply& call) {
    const TreeRef inputs = call.inputs().get();
    if (is_numbered_name(name)) {
      const auto alias = aliases_.find(name);
      if (alias == aliases_.end() || !alias->second) refuse_operation(name);
      return check_all(inputs);
    }
    if (name == "getattr") return check_getattr(inputs);
    if (!is_allowed_builtin(name)) refuse_operation(name);
    std::size_t first = 0;
    if (name == "annotate" || name == "unchecked_cast" || name == "uninitialized") {
      if (inputs->trees().empty()) refuse_operation(name);
      check_type(inputs->tree(0));
      first = 1;
    }
    if (name == "isinstance") {
      if (inputs->trees().size() != 2) refuse_operation(name);
      check(inputs->tree(0));
      return check_type(inputs->tree(1));
    }
    for (std::size_t i = first; i < inputs->trees().size(); ++i) check(inputs->tree(i));
  }

  void check_getattr(const TreeRef& inputs) {
    if (inputs->trees().size() != 2 || inputs->tree(1)->kind() != TK_STRINGLITERAL) {
      refuse_operation("getattr");
    }
    check(inputs->tree(0));
    check_attribute_name(StringLiteral(inputs->tree(1)).text());
  }

  void check_attribute_name(const std::string& name) const {
    if (source_.attributes.count(name) == 0 && !is_allowed_property(name)) refuse_operation(name);
  }

  /// Checks self.weight, x.shape, CONSTANTS.c0, and functions that are assigned to a name.
  void check_select(const Select& select) {
    const auto name = dotted_name(select.get());
    if (name && is_library_name(*name)) {
      const std::string constant = "CONSTANTS." + select.selector().name();
      const bool is_allowed = *name == constant || source_.functions.count(*name) != 0;
      if (!is_allowed) refuse_operation(*name);
      return;
    }
    check_attribute_name(select.selector().name());
    check(select.value().get());
  }

  void check_type(const TreeRef& tree) const {
    if (const auto name = dotted_name(tree)) {
      if (!is_allowed_type(*name) && source_.classes.count(*name) == 0) {
        refuse_operation("the type " + *name);
      }
      return;
    }
    switch (tree->kind()) {
      case TK_NONE:
      case TK_NONE_TYPE:
        return;
      case TK_SUBSCRIPT:
      case TK_LIST:
      case TK_LIST_LITERAL:
      case TK_TUPLE_LITERAL:
        for (const TreeRef& child : tree->trees()) check_type(child);
        return;
      default:
        refuse_form(tree);
    }
  }

  const TorchScriptSource& source_;
  std::string file_;
  /// Names assigned in the current function; true if only ever assigned a function of the archive.
  std::map<std::string, bool> aliases_;
};

/// Every class that a pickle instantiates must be defined by the archive's (checked) code.
void check_pickle(const TorchScriptArchive& archive, const std::string& name,
                  const TorchScriptSource& source) {
  for (const std::string& used : read_pickle(archive, name).classes) {
    if (source.classes.count(used) == 0) {
      throw UnusableNetwork("uses '" + used + "' (in " + name +
                            ".pkl), which its code does not define; save it again with "
                            "torch.jit.save");
    }
  }
}

}  // namespace

void check_torchscript(const TorchScriptArchive& archive) {
  for (const std::string& name : archive.names()) {
    if (!is_known_record(name)) {
      throw UnusableNetwork("has the record '" + name +
                            "', which no network of torch.jit.save has; save it again");
    }
  }
  const TorchScriptSource source = read_torchscript_source(archive);
  Check(source).run();
  check_pickle(archive, "data", source);
  check_pickle(archive, "constants", source);
}

}  // namespace styletransfer::detail
