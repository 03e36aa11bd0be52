namespace OpenCharly.LiveTests.Pods;

/// <summary>
/// Images of nothing but busybox, made from scratch on the spot: two versions of a box <c>notes</c>, which serves its volume
/// <c>data</c> on port 8080, and <c>echo:1</c>, a sidecar that serves on 8081.
/// </summary>
internal static class PodImages
{
    /// <summary>The older version.</summary>
    public const string Old = "2026.200.0915";

    /// <summary>The newer one, which brings a further file.</summary>
    public const string New = "2026.201.1200";

    /// <summary>A script for bash that makes them with the podman on its PATH.</summary>
    public const string Script =
        """
        set -eu
        tree=$(mktemp -d)
        trap 'rm -rf "$tree"' EXIT
        chmod 0755 "$tree"
        mkdir -p "$tree"/{bin,usr/bin,etc,tmp,data,vault,state,run,proc,sys,dev,staging/data}
        chmod 0777 "$tree/state"
        cp "$(command -v busybox)" "$tree/bin/busybox"
        for applet in sh ls cat sleep echo id cp mkdir wget httpd printf sha256sum cut env hostname true rm touch mv; do ln -s busybox "$tree/bin/$applet"; done
        ln -s busybox "$tree/bin/bash"
        printf 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/data:/bin/sh\n' >"$tree/etc/passwd"
        cat >"$tree/usr/bin/serve" <<'SERVE'
        #!/bin/sh
        # usage: serve NAME PORT FOLDER
        trap 'exit 0' TERM
        echo "$1 $(cat /etc/box-version) runs as $(id -u)"
        httpd -p "$2" -h "$3"
        while :; do sleep 1000 & wait $!; done
        SERVE
        printf '#!/bin/sh\nexec serve notes 8080 /data\n' >"$tree/usr/bin/supervisord"
        cat >"$tree/usr/bin/supervisorctl" <<'CONTROL'
        #!/bin/sh
        # A service that is there and says so, and a note of what was done to it.
        [ "$1" = status ] || echo "$1 $2" >>/data/controlled
        echo "$2 RUNNING pid 1, uptime 0:00:01"
        CONTROL
        chmod 0755 "$tree"/usr/bin/*
        make() { # REFERENCE VERSION CHANGE...
          echo "$2" >"$tree/etc/box-version"
          local reference=$1 changes=() change
          shift 2
          for change in "$@"; do changes+=(--change "$change"); done
          tar -C "$tree" --owner=0 --group=0 --numeric-owner -cf - . | podman import --quiet "${changes[@]}" - "$reference" >/dev/null
        }
        label=ai.opencharly
        for version in 2026.200.0915 2026.201.1200; do
          echo "page of $version" >"$tree/staging/data/index.html"
          echo "new in $version" >"$tree/staging/data/only-$version.html"
          make "localhost/notes:$version" "$version" 'USER 1000' 'WORKDIR /data' \
            "LABEL $label.version=$version" "LABEL $label.box=notes" "LABEL $label.uid=1000" "LABEL $label.gid=1000" "LABEL $label.user=user" "LABEL $label.home=/data" \
            "LABEL $label.init=supervisord" "LABEL $label.service.supervisord=[\"wayvnc\"]" "LABEL $label.status=working" "LABEL $label.port=[\"8080\"]" \
            "LABEL $label.volume=[{\"name\":\"charly-notes-data\",\"path\":\"/data\"},{\"name\":\"charly-notes-vault\",\"path\":\"/vault\"}]" \
            "LABEL $label.secret=[{\"name\":\"db-password\",\"env\":\"DB_PASSWORD\"}]" \
            "LABEL $label.data=[{\"volume\":\"data\",\"staging\":\"/staging/data\",\"candy\":\"notes\",\"dest\":\"\"}]" \
            "LABEL $label.hook={\"post_enable\":\"echo enabled > /data/enabled\",\"pre_remove\":\"echo removed > /data/removed\"}"
          rm "$tree/staging/data/only-$version.html"
        done
        make localhost/echo:1 1 'CMD ["serve", "echo", "8081", "/etc"]'
        """;
}
