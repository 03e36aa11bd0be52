namespace OpenCharly.Tests.Boxes;

/// <summary>A project that uses most of what a box and its candies can say.</summary>
internal static class SampleBoxes
{
    public const string Head = "== charly.yml\nversion: 2026.163.0928\n";

    public const string Files = """
        == charly.yml
        version: 2026.163.0928
        defaults: {registry: registry.example.org/team, builder: {npm: maker, pixi: maker, cargo: maker}}
        == box/base/charly.yml
        box:
          base: "registry.example.org/debian:13"
          distro: [debian:13, debian]
          build: [deb]
          user: ann
          candy: [supervisord]
        == box/maker/charly.yml
        box: {base: base, produce: [npm, pixi, cargo]}
        == box/notes/charly.yml
        box:
          version: 2026.200.0001
          base: base
          description: {feature: "It's a place for \"notes\" at $5", tag: [working]}
          env: {NOTES_MODE: "a b $HOME"}
          alias: [{name: n, command: "notes --all"}]
          security: {memory_max: 1g, cap_add: [SYS_NICE]}
          network: host
          candy: [web, shelltools, native]
          eval: [{id: web-port, port: 8080}]
          deploy_eval: [{id: answers, http: "http://127.0.0.1:8080/"}]
        == box/fed/charly.yml
        box: {base: "registry.example.org/fedora:43", distro: [fedora:43, fedora], build: rpm, candy: [tool]}
        == box/arch/charly.yml
        box: {base: "registry.example.org/arch:1", distro: arch, build: [pac], candy: [tool]}
        == box/ubu/charly.yml
        box: {base: "registry.example.org/ubuntu:24.04", distro: [ubuntu:24.04, ubuntu], build: deb, candy: [tool]}
        == box/unit/charly.yml
        box: {from: "builder:debootstrap", bootc: true, distro: debian:13, build: deb, uid: 0, candy: [daemon]}
        == box/seed/charly.yml
        box: {data_image: true, version: 2026.1.1, candy: [seed]}
        == candy/supervisord/charly.yml
        candy: {version: 2026.150.0900, package: [supervisor], description: {feature: Init, tag: [working]}}
        == candy/web/charly.yml
        candy:
          version: 2026.160.1200
          description: {feature: Web, tag: [working]}
          package: [curl, {name: jq, description: JSON}]
          distro:
            debian: {package: [nginx-light], repo: [{name: wx, url: "https://w.example.org/apt", key: "https://w.example.org/k.asc"}]}
          env: {WEB_HOME: "~/web", TZ: UTC}
          path_append: ["~/bin"]
          var: {WEB_VERSION: "1.2"}
          port: [8080, "udp:5353", "https+insecure:8443"]
          volume: [{name: data, path: "~/data"}]
          data: [{src: seed, volume: data, dest: first}]
          secret: [{name: db-password, env: DB_PASSWORD}]
          secret_accept: [{name: WX_TOKEN, description: A token}]
          env_require: [{name: WX_PLACE, description: Where}]
          env_provide: {WEB_URL: "http://{{.ContainerName}}:8080"}
          hook: {post_enable: "echo it's up\n"}
          route: {host: notes.example.org, port: 8080}
          security: {memory_max: 2g, shm_size: 256m}
          task:
            - mkdir: /srv/web
            - mkdir: /srv/web/logs
              mode: "0750"
            - link: /usr/local/bin/webctl
              target: /srv/web/ctl
            - copy: ctl
              to: /srv/web/ctl
              mode: "0755"
            - copy: seed
              to: ~/seed
              user: "${USER}"
            - write: ~/.config/web/settings
              content: "mode=$HOME 'x' \"y\""
              user: "${USER}"
              mode: "0600"
            - write: /etc/web/main.conf
              content: "a\nb\n"
            - cmd: |
                echo "$WEB_VERSION $ARCH" >/srv/web/version
                cat /ctx/ctl
              cache: [/var/cache/web]
            - cmd: echo "$HOME" >made
              user: "${USER}"
              cache: [/home/ann/.cache/web]
            - download: https://w.example.org/web-${WEB_VERSION}-${ARCH}.tar.gz
              to: /opt/web
              strip_components: 1
            - download: https://w.example.org/one
              to: ~/bin/one
              user: "${USER}"
            - setcap: /srv/web/ctl
              caps: cap_net_bind_service=ep
          service:
            - {name: web, enable: true, exec: "/srv/web/ctl serve %(ENV_HOME)s", restart: always, env: {A: 'x "y"'}, working_directory: ~/web, priority: 20, start_sec: 0, stop_timeout: 5}
            - {name: later, exec: sleep 1, restart: "no", auto_start: false, stdout: "file:/tmp/later.log"}
          eval: [{id: web-port, port: 80}, {id: ctl, file: /srv/web/ctl, mode: "0755"}]
        == candy/web/ctl
        #!/bin/sh
        echo "$@"
        == candy/web/seed/index.html
        <p>
        == candy/shelltools/charly.yml
        candy:
          version: 2026.150.0900
          description: {feature: Shell, tag: [testing]}
          shell: {init: "export TOOLS=${SHELL_NAME}", path_append: [/opt/tools], fish: {init: "set -gx TOOLS fish"}}
        == candy/native/charly.yml
        candy: {version: 2026.150.0900, package: [git], description: {feature: Builders, tag: [working]}}
        == candy/native/package.json
        {"dependencies": {"left": "1.0.0"}}
        == candy/native/pixi.toml
        [workspace]
        == candy/native/Cargo.toml
        [package]
        name = "native"
        == candy/native/src/main.rs
        fn main() {}
        == candy/tool/charly.yml
        candy:
          version: 2026.150.0900
          package: [tool]
          distro:
            fedora: {copr: [ann/tools], repo: [{name: wx, url: "https://w.example.org/rpm", gpgkey: "https://w.example.org/k.asc"}]}
            arch: {repo: [{name: wx, server: "https://w.example.org/$arch"}]}
            ubuntu: {package: [tool-extra]}
        == candy/daemon/charly.yml
        candy:
          version: 2026.150.0900
          package: [openssh-server]
          service:
            - {name: beat, enable: true, exec: /usr/bin/beat, scope: system}
            - {name: own, enable: true, exec: /usr/bin/own, scope: user}
            - {name: ssh, enable: true, use_packaged: ssh.service, overrides: {env: {A: b}}}
        == candy/daemon/extra.service
        [Service]
        ExecStart=/bin/true
        == candy/seed/charly.yml
        candy: {version: 2026.150.0900, volume: [{name: data, path: /srv}], data: [{src: files, volume: data}]}
        == candy/seed/files/a.txt
        a
        """;
}
