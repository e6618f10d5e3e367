package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/topfreegames/pitaya/v3/pkg/client"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 1 << 20

// command is a line of standard input: a request or a notify, with a body that is JSON or any bytes.
type command struct {
	Request string          `json:"request"`
	Notify  string          `json:"notify"`
	Body    json.RawMessage `json:"body"`
	Base64  []byte          `json:"base64"`
}

func (c command) body() []byte {
	if c.Base64 != nil {
		return c.Base64
	}
	return c.Body
}

// obey sends what the lines say, until there are no more.
func obey(pitaya *client.Client, input io.Reader, screen *screen) error {
	lines := bufio.NewScanner(input)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var line command
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("not a command: %s: %w", lines.Text(), err)
		}
		switch {
		case line.Request != "":
			id, err := pitaya.SendRequest(line.Request, line.body())
			if err != nil {
				return err
			}
			screen.expect(id, line.Request)
		case line.Notify != "":
			if err := pitaya.SendNotify(line.Notify, line.body()); err != nil {
				return err
			}
		default:
			return fmt.Errorf("neither a request nor a notify: %s", lines.Text())
		}
	}
	return lines.Err()
}
