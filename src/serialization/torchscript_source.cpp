#include "serialization/torchscript_source.h"

#include <torch/csrc/jit/frontend/parser.h>

#include <algorithm>
#include <string_view>

namespace styletransfer::detail {
namespace {

using namespace torch::jit;  // NOLINT(google-build-using-namespace): kinds of tokens are its macros

constexpr int kMaxBrackets = 64;
constexpr std::size_t kMaxIndent = 128;
// Operators in one statement: the parser recurses one level for each.
constexpr int kMaxOperators = 1000;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw UnusableNetwork("has code that this program does not understand (" + file + ": " + what +
                        "); if you made it yourself or trust its maker, add " + option("trust"));
}

/// Scans the characters of a file and limits the nesting that the parser has to handle.
class Scan {
 public:
  Scan(const std::string& file, std::string_view text) : file_(file), text_(text) {}

  void run() {
    while (next_ < text_.size()) {
      const char c = text_[next_];
      if (c != '\n' && (c < ' ' || c > '~')) refuse(file_, "a character that is no plain text");
      if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        count(c);
        ++next_;
      }
    }
    if (brackets_ != 0) refuse(file_, "a bracket that is not closed");
  }

 private:
  /// Skips a string literal: a single line in single or double quotes.
  void skip_string(char quote) {
    for (++next_; next_ < text_.size() && text_[next_] != quote; ++next_) {
      if (text_[next_] == '\\') ++next_;
      if (next_ >= text_.size() || text_[next_] < ' ' || text_[next_] > '~') {
        refuse(file_, "a text that is not closed");
      }
    }
    ++next_;
    if (next_ < text_.size() && text_[next_] == quote) refuse(file_, "a text in triple quotes");
  }

  void count(char c) {
    if (c == '\n') {
      if (brackets_ == 0) operators_ = 0;
      const std::size_t text_start = text_.find_first_not_of(' ', next_ + 1);
      if (brackets_ == 0 && text_start != std::string_view::npos &&
          text_start - next_ - 1 > kMaxIndent) {
        refuse(file_, "a block that is nested too deeply");
      }
      return;
    }
    if (c == '#' || c == '\\' || c == '`' || c == ';') refuse(file_, std::string(1, c));
    if (c == '(' || c == '[' || c == '{') ++brackets_;
    if (c == ')' || c == ']' || c == '}') --brackets_;
    if (brackets_ < 0 || brackets_ > kMaxBrackets) refuse(file_, "brackets nested too deeply");
    if (is_operator(c) && ++operators_ > kMaxOperators) refuse(file_, "a statement too long");
  }

  [[nodiscard]] bool is_operator(char c) const {
    constexpr std::string_view kSigns = "+-*/%@&|^~<>=!";
    if (kSigns.find(c) != std::string_view::npos) return true;
    if (c == '.') {
      // Member access ("a.b"), not a decimal point.
      return next_ + 1 < text_.size() && std::isalpha(static_cast<unsigned char>(text_[next_ + 1]));
    }
    // A space may precede an operator that is a word: "not", "and", "or", "if", "else", "lambda".
    return c == ' ' && next_ > 0 && text_[next_ - 1] != ',' && text_[next_ - 1] != ' ' &&
           text_[next_ - 1] != '\n';
  }

  const std::string& file_;
  std::string_view text_;
  std::size_t next_ = 0;
  int brackets_ = 0;
  int operators_ = 0;
};

/// "code/__torch__/torch/nn/functional.py" -> "__torch__.torch.nn.functional"
std::string module_of(const std::string& file) {
  constexpr std::size_t kPrefix = std::string_view("code/").size();
  constexpr std::size_t kEnding = std::string_view(".py").size();
  std::string name = file.substr(kPrefix, file.size() - kPrefix - kEnding);
  if (name.find('.') != std::string::npos) refuse(file, "a file name with a dot");
  std::replace(name.begin(), name.end(), '/', '.');
  if (name != "__torch__" && !name.starts_with("__torch__.")) refuse(file, "an unknown file");
  return name;
}

/// Records the names of a class's methods and attributes.
void collect_class(const std::string& file, const ClassDef& definition, TorchScriptSource& source) {
  for (const Stmt& statement : definition.body()) {
    if (statement.kind() == TK_DEF) {
      source.methods.insert(Def(statement.get()).name().name());
    } else if (statement.kind() == TK_ASSIGN) {
      const Expr left = Assign(statement.get()).lhs();
      if (left.kind() == TK_VAR) source.attributes.insert(Var(left.get()).name().name());
      if (left.kind() != TK_SUBSCRIPT) continue;
      // __annotations__["0"] = TYPE
      for (const Expr& key : Subscript(left.get()).subscript_exprs()) {
        if (key.kind() != TK_STRINGLITERAL) refuse(file, "an attribute without a name");
        source.attributes.insert(StringLiteral(key.get()).text());
      }
    }
  }
}

void parse(const std::string& file, const std::string& text, TorchScriptSource& source) {
  const std::string module = module_of(file);
  Scan(file, text).run();
  Parser parser(std::make_shared<Source>(text, file, 1));
  Lexer& lexer = parser.lexer();
  while (lexer.cur().kind != TK_EOF) {
    if (lexer.cur().kind == TK_CLASS_DEF) {
      const ClassDef definition(parser.parseClass());
      source.classes.insert(module + "." + definition.name().name());
      collect_class(file, definition, source);
      source.definitions.push_back({file, definition.get()});
    } else if (lexer.cur().kind == TK_DEF) {
      const Def definition(parser.parseFunction(/*is_method=*/false));
      source.functions.insert(module + "." + definition.name().name());
      source.definitions.push_back({file, definition.get()});
    } else {
      const std::string word = lexer.cur().text().substr(0, 40);
      refuse(file, std::string("'").append(word).append("' outside of a class or function"));
    }
  }
}

}  // namespace

TorchScriptSource read_torchscript_source(const TorchScriptArchive& archive) {
  TorchScriptSource source;
  std::uint64_t left = kMaxCodeBytes;
  for (const std::string& file : archive.names()) {
    if (!file.starts_with("code/") || !file.ends_with(".py")) continue;
    const std::string text = archive.read(file, left);
    left -= text.size();
    try {
      parse(file, text, source);
    } catch (const UnusableNetwork&) {
      throw;
    } catch (const std::exception&) {
      refuse(file, "not written as torch.jit.save does");
    }
  }
  return source;
}

}  // namespace styletransfer::detail
