//! What a file may say, and how a mistake in it is told.

use super::*;

fn load(text: &str) -> Result<Config, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Config::load(file.path()).map_err(|error| error.to_string())
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(load(""), Ok(Config::default()));
}

#[test]
fn a_file_says_what_differs() {
    let config = load("[server]\nport = 0\nheartbeat = '1m 5s'\n[limits]\nrooms_max = 7").unwrap();
    assert_eq!(config.server.port, 0);
    assert_eq!(config.server.heartbeat, std::time::Duration::from_secs(65));
    assert_eq!(config.limits.rooms_max, 7);
    assert_eq!(config.store, StoreConfig::default());
}

#[test]
fn mistakes_are_named() {
    for (text, word) in [
        ("[server]\nprot = 1", "prot"),
        ("[server]\nport = 70000", "port"),
        ("[server]\nheartbeat = 'soon'", "heartbeat"),
        ("[server]\nheartbeat = '0s'", "server.heartbeat"),
        ("[limits]\nframe_bytes_max = 1", "limits.frame_bytes_max"),
        ("[store]\nengine = 'postgres'", "store.urls"),
        ("[store]\nurls = ['postgres://h/d']", "store.urls"),
        ("[store]\nengine = 'mysql'", "engine"),
        (
            "[store]\nengine = 'postgres'\nurls = ['h/d']",
            "postgres://",
        ),
        (
            "[store]\nengine = 'postgres'\nurls = ['postgres://h/d']\nconnections_max = 1",
            "store.connections_max",
        ),
        ("[bus]\nengine = 'redis'", "bus.url"),
        ("[bus]\nengine = 'redis'\nurl = 'redis://h'", "bus.engine"),
        ("[bus]\nurl = 'redis://h'", "bus.url"),
        ("[bus]\nprefix = 'a b'", "bus.prefix"),
        ("[bus]\nhead_check = '1ms'", "bus.head_check"),
        ("nonsense", "TOML"),
        ("[cluster]", "cluster"),
        ("[proxy]\ntrusted = ['10.0.0.0/33']", "trusted"),
        ("[auth.token]\nalgorithm = 'none'", "algorithm"),
        (
            "[auth.token]\nalgorithm = 'HS256'\nsecret = 'short'\nissuer = 'i'\naudience = 'a'",
            "auth.token.secret",
        ),
        ("[proxy]\nheader = 'a b'", "proxy.header"),
        ("[limits]\nhead_max = '0s'", "limits.head_max"),
        ("[auth]\nbroadcast_role = 'admn'", "role"),
        ("[auth]\naccess_life = '1ms'", "auth.access_life"),
        ("[auth]\nrefresh_life = '1s'", "auth.refresh_life"),
        ("[[namespace]]\ndurable = false", "rooms"),
        ("[[namespace]]\nrooms = ''", "namespace.rooms"),
        ("[[namespace]]\nrooms = '*a*'", "namespace.rooms"),
        ("[[namespace]]\nrooms = '**'", "namespace.rooms"),
        (
            "[server]\nallowed_origins = ['https://a.example/path']",
            "server.allowed_origins",
        ),
        (
            "[server]\nallowed_origins = ['a.example']",
            "server.allowed_origins",
        ),
        (
            "[server]\npublic_url = 'https://u@a.example'",
            "server.public_url",
        ),
    ] {
        let error = load(text).unwrap_err();
        assert!(error.contains(word), "{text:?} gave {error:?}");
    }
    let missing = Config::load(Path::new("no/such/file.toml")).unwrap_err();
    assert!(missing.to_string().contains("no/such/file.toml"));
}
