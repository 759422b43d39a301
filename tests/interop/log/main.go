// Checks what a log serves with golang.org/x/mod/sumdb, which shares no code with Assent.
//
//	log checkpoint VKEY FILE           a checkpoint that the key has signed
//	log cosigned VKEY FILE NAME...     and that has signature lines of these names
//	log proof VKEY FILE ENTRY          a tlog-proof of the entry, in hexadecimal
//	log tiles VKEY FOLDER              checkpoint, tiles and entries below a folder, as served
//
// It prints one line that says what it has seen, and exits with 1 where anything does not hold.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New("usage: log checkpoint|cosigned|proof|tiles VKEY PATH …")
	}
	command, vkey, path, rest := args[0], args[1], args[2], args[3:]
	switch command {
	case "checkpoint", "cosigned":
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		tree, opened, err := open(vkey, data)
		if err != nil {
			return "", err
		}
		for _, name := range rest {
			if !signedBy(opened, name) {
				return "", fmt.Errorf("no signature line of %s", name)
			}
		}
		return fmt.Sprintf("%d %s", tree.N, tree.Hash), nil
	case "proof":
		data, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		entry, err := hex.DecodeString(rest[0])
		if err != nil {
			return "", err
		}
		return checkProof(vkey, data, entry)
	case "tiles":
		return checkTiles(vkey, path)
	}
	return "", fmt.Errorf("unknown command %s", command)
}

// open verifies a checkpoint: name of the log, size and root, and a signature of the key.
func open(vkey string, data []byte) (tlog.Tree, *note.Note, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, nil, errors.New("the text is not of three lines")
	}
	if lines[0] != verifier.Name() {
		return tlog.Tree{}, nil, fmt.Errorf("the origin is %s", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	return tlog.Tree{N: size, Hash: root}, opened, nil
}

func signedBy(opened *note.Note, name string) bool {
	for _, signature := range append(opened.Sigs, opened.UnverifiedSigs...) {
		if signature.Name == name {
			return true
		}
	}
	return false
}

func checkProof(vkey string, data, entry []byte) (string, error) {
	head, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return "", errors.New("no checkpoint in the proof")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return "", err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return "", err
		}
		proof = append(proof, hash)
	}
	tree, _, err := open(vkey, checkpoint)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d of %d", index, tree.N), nil
}

// folder reads tiles that were saved under the paths they are served at.
type folder string

func (at folder) Height() int { return 8 }

func (at folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		// Go's own paths have the height of tiles in them, and "data" for entries.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(at), path))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (at folder) SaveTiles([]tlog.Tile, [][]byte) {}

// checkTiles reads every leaf through the tiles, and compares it with the entry there is for it.
func checkTiles(vkey, path string) (string, error) {
	data, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, _, err := open(vkey, data)
	if err != nil {
		return "", err
	}
	reader := tlog.TileHashReader(tree, folder(path))
	for start := int64(0); start < tree.N; start += 256 {
		width := tree.N - start
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: int(width)}
		name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			return "", err
		}
		var indexes []int64
		for i := int64(0); i < width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+i))
		}
		// The reader verifies every tile against the root of the checkpoint.
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return "", err
		}
		for i, hash := range hashes {
			if len(bundle) < 2 {
				return "", errors.New("the bundle is too short")
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return "", errors.New("the bundle is too short")
			}
			if tlog.RecordHash(bundle[2:2+length]) != hash {
				return "", fmt.Errorf("entry %d is another", start+int64(i))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			return "", errors.New("the bundle is too long")
		}
	}
	return fmt.Sprintf("%d %s", tree.N, base64.StdEncoding.EncodeToString(tree.Hash[:])), nil
}
