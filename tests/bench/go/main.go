// SPDX-License-Identifier: Apache-2.0

// The peer of bench-root.c: the same leaves through transparency-dev/merkle's compact range.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

const leafSize = 240

func fill(data []byte) {
	var x uint64
	for i := 0; i < len(data); i += 8 {
		x = x*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(data[i:], x)
	}
}

func root(data []byte, leaves int) ([]byte, error) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for i := 0; i < leaves; i++ {
		hash := rfc6962.DefaultHasher.HashLeaf(data[i*leafSize : (i+1)*leafSize])
		if err := tree.Append(hash, nil); err != nil {
			return nil, err
		}
	}
	return tree.GetRootHash(nil)
}

func main() {
	leaves := 1000000
	if len(os.Args) > 1 {
		leaves, _ = strconv.Atoi(os.Args[1])
	}
	data := make([]byte, leaves*leafSize)
	fill(data)
	begun := time.Now()
	hash, err := root(data, leaves)
	elapsed := time.Since(begun)
	if err != nil {
		fmt.Fprintln(os.Stderr, "root:", err)
		os.Exit(1)
	}
	fmt.Printf("{\"leaves\":%d,\"seconds\":%.6f,\"root\":\"%x\"}\n", leaves, elapsed.Seconds(), hash)
}
