// Small Go programs compiled by the tests, to be linked by cmd/link and by passes of ours in this process.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loader/init_order.h"
#include "loader/reach.h"
#include "loader/symbols.h"
#include "loader/text_order.h"
#include "tests/oracle/oracle.h"

namespace dovetail::oracle {

// A main package compiled into a folder of its own. Std packages come from Go's build cache.
class GoProgram {
 public:
  // `files`: names ending in .go and .s. `imports`: the packages they import, separated by spaces. `platform`: variables
  // for the go command, such as "GOOS=windows"; the default is the host's.
  GoProgram(const std::map<std::string, std::string>& files, const std::string& imports, std::string platform = "")
      : platform_(std::move(platform)) {
    std::string go_files, asm_files;
    for (const auto& [name, text] : files) {
      write_file(dir_.file(name), text);
      (name.ends_with(".s") ? asm_files : go_files) += " " + name;
    }
    std::string script = "set -e; " + list_command("runtime " + imports) + " > importcfg; ";
    std::string compile = "go tool compile -p main -importcfg importcfg -pack -o main.a";
    if (asm_files.empty()) {
      script += compile + " -complete" + go_files;
    } else {
      const std::string assemble = "go tool asm -p main -I . -I $(go env GOROOT)/pkg/include ";
      script += "touch go_asm.h; " + assemble + "-gensymabis -o symabis" + asm_files + "; ";
      script += compile + " -symabis symabis -asmhdr go_asm.h" + go_files + "; ";
      script += assemble + "-o asm.o" + asm_files + "; go tool pack r main.a asm.o";
    }
    ok_ = shell(script) == 0;
  }

  bool ok() const { return ok_; }
  std::vector<std::string> link_args() const {
    return {"-o", path("main.exe"), "-importcfg", path("importcfg"), path("main.a")};
  }
  std::string path(const std::string& name) const { return dir_.file(name).string(); }

  struct Run {
    int status = -1;
    std::string out, err;
  };
  // cmd/link with these flags before the usual arguments.
  Run stock_link(const std::string& flags) const {
    Run run;
    std::string command = "go tool link " + flags;
    for (const std::string& word : link_args()) command += " " + shell_word(word);
    run.status = shell(command + " > stock.out 2> stock.err");
    run.out = read_file(dir_.file("stock.out"));
    run.err = read_file(dir_.file("stock.err"));
    return run;
  }

 private:
  static std::string list_command(const std::string& packages) {
    return "go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' " + packages;
  }
  // Exit status.
  int shell(const std::string& script) const {
    std::string exports = "export " + environment() + platform_ + "; cd " + shell_word(dir_.file("").string()) + "; ";
    int status = std::system((exports + script).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TempDir dir_;
  std::string platform_;
  bool ok_ = false;
};

// A program taken through the passes of the loader.
struct Loaded {
  loader::Options options;
  base::Diagnostics diag;
  base::ThreadPool threads{2};
  base::PhaseTimer timer;
  loader::Services sv{options, "link", diag, threads, timer};
  loader::Program program;
  loader::InitOrder inits;
  loader::TextOrder text;

  // Up to the order of initialisation; false if something was reported.
  bool resolve(const GoProgram& go, const std::vector<std::string>& flags = {}) {
    std::vector<std::string> args = {"link"};
    args.insert(args.end(), flags.begin(), flags.end());
    for (const std::string& word : go.link_args()) args.push_back(word);
    auto lookup = [](const char* name) -> const char* {
      std::string_view variable = name;
      if (variable == "GOOS") return "linux";
      if (variable == "GOARCH") return "amd64";
      return variable == "GOROOT" ? "/go" : nullptr;
    };
    const loader::Release& release = loader::newest_release();
    if (loader::parse_options(args, loader::read_build_config(release, lookup), release.versions.back(), &options)) {
      return false;
    }
    program.in = loader::load_inputs(sv);
    if (diag.failed()) return false;
    program.res = loader::resolve_symbols(sv, program.in);
    if (diag.failed()) return false;
    inits = loader::schedule_init_tasks(sv, program.in, program.res);
    return !diag.failed();
  }

  // Up to the order of functions. REQUIRES: resolve() succeeded.
  bool reach() {
    std::vector<loader::RawId> roots;
    for (std::string_view name : {"_rt0_amd64_linux", "runtime.unreachableMethod"}) {
      for (uint32_t version : {0u, 1u}) roots.push_back(program.res.lookup(name, version));
    }
    for (const loader::InitTasks* list : {&inits.main, &inits.runtime}) {
      roots.insert(roots.end(), list->tasks.begin(), list->tasks.end());
    }
    program.live = loader::mark_live(sv, program.in, program.res, roots);
    if (diag.failed()) return false;
    loader::number_symbols(sv, program);
    text = loader::order_text(sv, program);
    return !diag.failed();
  }

  // What was reported, a message a line.
  std::string messages() {
    std::string all;
    for (const base::Diagnostic& d : diag.take()) all += d.text + "\n";
    return all;
  }
};

}  // namespace dovetail::oracle
