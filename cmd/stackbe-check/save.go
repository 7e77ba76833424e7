package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"reflect"
)

// A saved file takes the contract. It is opened before the first request, so that -write creates nothing
// for a file that cannot be written.
type saved struct {
	file  *os.File // nil without -save
	isNew bool
}

// openSaved opens a file, whose content stays until a contract is written.
func openSaved(name string) (saved, error) {
	if name == "" {
		return saved{}, nil
	}
	_, err := os.Stat(name)
	isNew := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	return saved{file, isNew}, err
}

// write writes the fields that are not the default as a JSON object, which package contractfile reads.
// A report that checked nothing leaves the file as it was.
func (s saved) write(r report) error {
	if s.file == nil || r.exitStatus() == exitFailed {
		return nil
	}
	content, err := r.json()
	if err != nil {
		return err
	}
	if info, err := s.file.Stat(); err == nil && info.Mode().IsRegular() { // and not a pipe
		if err := s.file.Truncate(0); err != nil {
			return err
		}
	}
	_, err = s.file.Write(content)
	return err
}

// close removes the file again if it was made for nothing.
func (s saved) close() error {
	if s.file == nil {
		return nil
	}
	info, err := s.file.Stat()
	err = errors.Join(err, s.file.Close())
	if err == nil && s.isNew && info.Size() == 0 {
		return os.Remove(s.file.Name())
	}
	return err
}

func (r report) json() ([]byte, error) {
	fields := map[string]any{}
	value := reflect.ValueOf(r.contract)
	for i, f := range r.findings {
		if !value.Field(i).IsZero() {
			fields[f.Field] = value.Field(i).Interface()
		}
	}
	content, err := json.MarshalIndent(fields, "", "  ")
	return append(content, '\n'), err
}
