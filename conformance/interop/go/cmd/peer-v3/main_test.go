package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/topfreegames/pitaya/v3/pkg/client"

	"pitaya-interop/internal/process"
)

// asPeer is the variable that makes the test program a peer.
const asPeer = "PITAYA_INTEROP_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(asPeer) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestAPeerSaysWhereItIsAndEndsWithItsInput(t *testing.T) {
	peer := exec.Command(os.Args[0], "-standalone")
	peer.Env = append(os.Environ(), asPeer+"=1")
	peer.Stderr = os.Stderr
	input, err := peer.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := peer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.Start(); err != nil {
		t.Fatal(err)
	}
	// A peer that does not end fails the test here, and every read below with it.
	guard := time.AfterFunc(time.Minute, func() { _ = peer.Process.Kill() })
	defer guard.Stop()
	defer input.Close()

	lines := bufio.NewReader(output)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no line: %s", err)
	}
	var ready process.Readiness
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready || ready.Port == 0 || ready.WSPort != 0 {
		t.Fatalf("the peer said %s", line)
	}
	if answer := echo(t, ready.Port); answer != `{"a":1}` {
		t.Errorf("the answer is %s", answer)
	}

	input.Close()
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("the peer went on with %q: %v", rest, err)
	}
	if err := peer.Wait(); err != nil {
		t.Errorf("the peer ended with %s", err)
	}
}

func echo(t *testing.T, port int) string {
	pitaya := client.New(logrus.ErrorLevel)
	if err := pitaya.ConnectTo(fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		t.Fatal(err)
	}
	defer pitaya.Disconnect()
	if _, err := pitaya.SendRequest("connector.game.echo", []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	return string((<-pitaya.MsgChannel()).Data)
}
