// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package engines pins the real engines that tests compare with; engine.py builds them.
package engines

import _ "github.com/ipfs/kubo/cmd/ipfs"
