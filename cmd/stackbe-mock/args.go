package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// parseCommand parses the flags of a command, before and after its other arguments, which it returns.
// It returns flag.ErrHelp after it has written the help.
func parseCommand(flags *flag.FlagSet, usage string, args []string, help io.Writer) (others []string, err error) {
	flags.SetOutput(io.Discard) // an error is printed by the caller, alone
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage, "\nFlags:\n")
		flags.PrintDefaults()
	}
	for {
		err := flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(help)
			flags.Usage()
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w; stackbe-mock %s -help lists the flags", err, flags.Name())
		}
		if flags.NArg() == 0 {
			return others, nil
		}
		others, args = append(others, flags.Arg(0)), flags.Args()[1:]
	}
}
