#include "cli/application.h"

int main(int argc, char** argv) { return styletransfer::cli::run_program(argc, argv); }
