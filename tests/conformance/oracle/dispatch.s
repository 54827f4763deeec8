// Empty: a file of assembly lets dispatch.go declare functions that it links to by name.
