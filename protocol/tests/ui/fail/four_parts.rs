use pitaya_protocol::Notify;

const ROUTE: Notify<()> = Notify::new("a.b.c.d");

fn main() {
    println!("{ROUTE:?}");
}
