//! A mail server of a few lines: it takes what it is handed, refuses "refused@…", and puts "busy@…" off once.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A mail that was taken.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub content: String,
}

#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Taken>>,
    put_off: Mutex<Vec<String>>,
}

/// The server, while it is open.
pub struct Office {
    /// Where it is, as configured.
    pub address: String,
    desk: Arc<Desk>,
    open: JoinHandle<()>,
}

impl Office {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("smtp://{}", listener.local_addr().expect("bound"));
        let desk: Arc<Desk> = Arc::default();
        let served = desk.clone();
        let open = tokio::spawn(async move {
            let mut talks = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                talks.spawn(talk(served.clone(), stream));
            }
        });
        Self { address, desk, open }
    }

    /// What it has taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().expect("no panic").clone()
    }

    /// Nobody listens any more.
    pub async fn close(&self) {
        self.open.abort();
        while !self.open.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

async fn talk(desk: Arc<Desk>, stream: TcpStream) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut mail = Taken::default();
    let mut answer = "220 post.example.cn ESMTP";
    loop {
        if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        let between =
            || line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(it, _)| it.to_owned());
        let verb: String = line.chars().take(4).collect::<String>().to_ascii_uppercase();
        answer = match verb.as_str() {
            "EHLO" => "250 post.example.cn",
            "MAIL" => {
                mail = Taken { from: between().unwrap_or_default(), ..Taken::default() };
                "250 ok"
            }
            "RCPT" => {
                mail.to = between().unwrap_or_default();
                let mut put_off = desk.put_off.lock().expect("no panic");
                if mail.to.starts_with("refused@") {
                    "550 no such mailbox"
                } else if mail.to.starts_with("busy@") && !put_off.contains(&mail.to) {
                    put_off.push(mail.to.clone());
                    "451 come back later"
                } else {
                    "250 ok"
                }
            }
            "DATA" => {
                if writer.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    mail.content.push_str(&line);
                    mail.content.push('\n');
                }
                desk.taken.lock().expect("no panic").push(std::mem::take(&mut mail));
                "250 taken"
            }
            "QUIT" => {
                let _ = writer.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok",
        };
    }
}
