// An InCenter CLI and its files in Go: gliderlabs/ssh with its idle limit, the line editor of x/crypto, and pkg/sftp.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gliderlabs/ssh"
	"github.com/pkg/sftp"
	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/terminal"
)

type options struct {
	Root, TechsupportFile, HostKey, User, Password, Login, Question, Files, Pager string
	Port                                                                          int
	LoginSeconds, IdleSeconds, TechsupportSeconds                                 float64
	RekeyBytes                                                                    int
	DieAfterBytes                                                                 *int
	TwoLinePrompt, OneChannel, Exec                                               bool
}

var option options

const more = "--More--"
const page = 20

func main() {
	must(json.Unmarshal([]byte(os.Args[1]), &option))
	must(os.Chdir(option.Root))
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", option.Port))
	must(err)
	go func() { // ends with whoever started it
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := newServer()
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	must(server.Serve(listener))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func newServer() *ssh.Server {
	server := &ssh.Server{Handler: serve, IdleTimeout: seconds(option.IdleSeconds)}
	must(server.SetOption(ssh.HostKeyFile(option.HostKey)))
	if option.Login == "password" {
		server.PasswordHandler = func(context ssh.Context, password string) bool { return isRight(context, password) }
	} else {
		server.KeyboardInteractiveHandler = func(context ssh.Context, ask gossh.KeyboardInteractiveChallenge) bool {
			answers, err := ask("", "", []string{option.Question}, []bool{false})
			return err == nil && len(answers) == 1 && isRight(context, answers[0])
		}
	}
	if option.Files == "sftp" {
		server.SubsystemHandlers = map[string]ssh.SubsystemHandler{"sftp": serveFiles}
	}
	if option.RekeyBytes > 0 {
		server.ServerConfigCallback = func(ssh.Context) *gossh.ServerConfig {
			config := &gossh.ServerConfig{}
			config.RekeyThreshold = uint64(option.RekeyBytes)
			return config
		}
	}
	server.ChannelHandlers = map[string]ssh.ChannelHandler{"session": oneOrMore}
	return server
}

func isRight(context ssh.Context, password string) bool {
	time.Sleep(seconds(option.LoginSeconds))
	right := context.User() == option.User && password == option.Password
	verdict := map[bool]string{true: "right", false: "wrong"}[right]
	if password == "" {
		verdict = "empty"
	}
	log.Printf("login of %s: %s", context.User(), verdict)
	return right
}

func oneOrMore(server *ssh.Server, conn *gossh.ServerConn, channel gossh.NewChannel, context ssh.Context) {
	context.Lock()
	before, _ := context.Value("channels").(int)
	context.SetValue("channels", before+1)
	context.Unlock()
	if option.OneChannel && before > 0 {
		channel.Reject(gossh.ResourceShortage, "One channel per connection")
		return
	}
	ssh.DefaultSessionHandler(server, conn, channel, context)
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

func serveFiles(session ssh.Session) {
	server, err := sftp.NewServer(mortal{session})
	must(err)
	server.Serve()
	server.Close()
}

// mortal hands out so many bytes of files; then nothing is answered any more, and the process is gone.
type mortal struct{ io.ReadWriteCloser }

var handedOut int
var handing sync.Mutex

const dataPacket, dataHeader = 103, 13

// Write gets one packet of SFTP at a time.
func (m mortal) Write(packet []byte) (int, error) {
	if option.DieAfterBytes == nil {
		return m.ReadWriteCloser.Write(packet)
	}
	handing.Lock()
	defer handing.Unlock()
	if handedOut >= *option.DieAfterBytes {
		return len(packet), nil
	}
	written, err := m.ReadWriteCloser.Write(packet)
	if len(packet) > dataHeader && packet[4] == dataPacket {
		handedOut += len(packet) - dataHeader
		if handedOut >= *option.DieAfterBytes {
			time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) })
		}
	}
	return written, err
}

func serve(session ssh.Session) {
	if session.RawCommand() != "" {
		if option.Exec {
			io.WriteString(session, answer(session.RawCommand()))
		} else {
			session.Exit(1)
		}
		return
	}
	io.WriteString(session, "Welcome to InCenter\r\n\r\n")
	prompt := "admin@InCenter:/> "
	if option.TwoLinePrompt {
		prompt = "ice01 (primary)\r\n" + prompt
	}
	lines := terminal.NewTerminal(session, "")
	for {
		io.WriteString(session, prompt)
		line, err := lines.ReadLine()
		command := strings.TrimSpace(line)
		if err != nil || command == "exit" {
			return
		}
		switch command {
		case "show":
			show(session, lines)
		case "techsupport":
			techsupport(session)
		default:
			io.WriteString(session, strings.ReplaceAll(answer(command), "\n", "\r\n"))
		}
	}
}

func answer(command string) string {
	switch command {
	case "":
		return ""
	case "about":
		return "InCenter 4.00.01, built with somebody else's SSH library\n"
	case "log -status":
		return "system on\naudit on\n"
	}
	return fmt.Sprintf("Unknown command: %s\n", command)
}

func show(session ssh.Session, lines *terminal.Terminal) {
	const rows = 60
	for row, stop := 1, page; row <= rows; row++ {
		fmt.Fprintf(session, "row %02d of %d: value-%d\r\n", row, rows, row*7)
		if row == stop && row < rows {
			io.WriteString(session, more)
			turn := nextTurn(session, lines)
			if turn == 0 {
				return
			}
			stop += turn
		}
	}
}

// nextTurn says how many rows come next; none when the pager is left.
func nextTurn(session ssh.Session, lines *terminal.Terminal) int {
	if option.Pager == "line" {
		line, err := lines.ReadLine()
		if err != nil || strings.EqualFold(strings.TrimSpace(line), "q") {
			return 0
		}
		return page
	}
	for key := make([]byte, 1); ; {
		if _, err := session.Read(key); err != nil {
			return 0
		}
		turn, known := map[byte]int{' ': page, '\r': 1, 'q': 0, 'Q': 0}[key[0]]
		if known {
			io.WriteString(session, "\r"+strings.Repeat(" ", len(more))+"\r")
			return turn
		}
	}
}

func techsupport(session ssh.Session) {
	io.WriteString(session, "Collecting and storing Technical Support Information...\r\n")
	time.Sleep(seconds(option.TechsupportSeconds))
	name := fmt.Sprintf("techsupport_%d.tgz", time.Now().UnixNano())
	content, err := os.ReadFile(option.TechsupportFile)
	must(err)
	must(os.WriteFile("techsupport/"+name+".part", content, 0o600))
	must(os.Rename("techsupport/"+name+".part", "techsupport/"+name))
	fmt.Fprintf(session, "\r\nTechnical Support file created:\r\n%s\r\n", name)
}
