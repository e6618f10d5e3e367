// Command load keeps one request in flight on each of many connections, and tells what a request costs the servers.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// result is the line of JSON that is written.
type result struct {
	Route       string  `json:"route"`
	Connections int     `json:"connections"`
	Seconds     float64 `json:"seconds"`
	Answers     uint64  `json:"answers"`
	Errors      uint64  `json:"errors"`
	PerSecond   float64 `json:"perSecond"`
	// Micros are the microseconds of CPU for each request, of each process in the order in which they were named.
	Micros []float64 `json:"cpuMicrosPerRequest"`
}

func main() {
	address := flag.String("address", "", "host:port of a frontend's TCP listener")
	route := flag.String("route", "room.game.echo", "route to request")
	body := flag.String("body", `{"text":"hello"}`, "body of each request")
	connections := flag.Int("connections", 64, "connections, each with one request in flight")
	warmup := flag.Duration("warmup", 2*time.Second, "time before measuring")
	length := flag.Duration("length", 10*time.Second, "time to measure")
	pids := flag.String("pids", "", "processes whose CPU time is measured: 10,11")
	flag.Parse()

	measured, err := run(*address, *route, *body, *connections, *warmup, *length, *pids)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(measured)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address, route, body string, connections int, warmup, length time.Duration, pids string) (result, error) {
	processes, err := parsePids(pids)
	if err != nil {
		return result{}, err
	}
	var tally tally
	for range connections {
		if err := tally.connect(address, route, []byte(body)); err != nil {
			return result{}, err
		}
	}
	time.Sleep(warmup)
	start := time.Now()
	answersBefore, errorsBefore := tally.answers.Load(), tally.errors.Load()
	before := make([]time.Duration, len(processes))
	for i, pid := range processes {
		if before[i], err = cpuTime(pid); err != nil {
			return result{}, err
		}
	}
	time.Sleep(length)
	measured := result{Route: route, Connections: connections}
	measured.Answers = tally.answers.Load() - answersBefore
	measured.Errors = tally.errors.Load() - errorsBefore
	if measured.Answers == 0 {
		return result{}, fmt.Errorf("no answer to %s, and %d errors", route, measured.Errors)
	}
	measured.Seconds = time.Since(start).Seconds()
	measured.PerSecond = float64(measured.Answers) / measured.Seconds
	for i, pid := range processes {
		after, err := cpuTime(pid)
		if err != nil {
			return result{}, err
		}
		measured.Micros = append(measured.Micros, float64((after-before[i]).Microseconds())/float64(measured.Answers))
	}
	return measured, nil
}

func parsePids(text string) ([]int, error) {
	var pids []int
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		pid, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("-pids: %q is no process", part)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}
