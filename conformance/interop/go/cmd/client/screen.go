package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/topfreegames/pitaya/v3/pkg/conn/message"
)

// event is a line of standard output.
type event struct {
	Connected bool   `json:"connected,omitempty"`
	Closed    bool   `json:"closed,omitempty"`
	Response  string `json:"response,omitempty"`
	ID        uint   `json:"id,omitempty"`
	Error     bool   `json:"error,omitempty"`
	Push      string `json:"push,omitempty"`
	// Body is what came where that is JSON, else Base64 is.
	Body   json.RawMessage `json:"body,omitempty"`
	Base64 []byte          `json:"base64,omitempty"`
}

// screen writes events, and an answer with the route of its request.
type screen struct {
	mutex  sync.Mutex
	lines  *json.Encoder
	routes map[uint]string
	// early answers came before their requests were known here.
	early map[uint]*message.Message
}

func newScreen(output io.Writer) *screen {
	return &screen{
		lines:  json.NewEncoder(output),
		routes: make(map[uint]string),
		early:  make(map[uint]*message.Message),
	}
}

// expect notes a request that was sent.
func (s *screen) expect(id uint, route string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if answer, came := s.early[id]; came {
		delete(s.early, id)
		s.answer(route, answer)
		return
	}
	s.routes[id] = route
}

// show writes an answer or a push.
func (s *screen) show(came *message.Message) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if came.Type != message.Response {
		s.encode(event{Push: came.Route}.with(came.Data))
		return
	}
	route, known := s.routes[came.ID]
	if !known {
		s.early[came.ID] = came
		return
	}
	delete(s.routes, came.ID)
	s.answer(route, came)
}

// drain shows what came before the end.
func (s *screen) drain(messages <-chan *message.Message) {
	for {
		select {
		case came := <-messages:
			s.show(came)
		default:
			return
		}
	}
}

func (s *screen) write(event event) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.encode(event)
}

func (s *screen) answer(route string, answer *message.Message) {
	s.encode(event{Response: route, ID: answer.ID, Error: answer.Err}.with(answer.Data))
}

func (s *screen) encode(event event) {
	if err := s.lines.Encode(event); err != nil {
		// Nobody reads any more.
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (e event) with(body []byte) event {
	if json.Valid(body) {
		e.Body = body
	} else {
		e.Base64 = body
	}
	return e
}
