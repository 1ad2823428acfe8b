// SPDX-License-Identifier: Apache-2.0

// Command ferretdb speaks MongoDB's protocol on SQLite files until it is told to end: a server for tests.
package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	var config ferretdb.Config

	flag.StringVar(&config.Listener.TCP, "listen", "", "address and port")
	flag.StringVar(&config.Listener.TLS, "listen-tls", "", "address and port, for TLS")
	flag.StringVar(&config.Listener.TLSCertFile, "certificate", "", "of the server")
	flag.StringVar(&config.Listener.TLSKeyFile, "key", "", "of the certificate")
	folder := flag.String("folder", "", "where the databases are")
	flag.Parse()

	config.Handler, config.SQLiteURL = "sqlite", "file:"+*folder+"/"
	config.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := ferretdb.New(&config)
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := server.Run(ended); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
