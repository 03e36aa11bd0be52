using OpenCharly.Execution;

namespace OpenCharly.LiveTests.Pods;

/// <summary>
/// Images that can be checked: bash and a few other programs of this machine with what they load, a file <c>/srv/which</c>, and checks
/// of all sections in the label. Nothing in it serves; it sleeps.
/// </summary>
internal static class CheckedImage
{
    private const string Script = """
        set -eu
        reference=$1 version=$2 which=$3 checks=$4 more=()
        shift 4
        for change; do more+=(--change "LABEL ai.opencharly.$change"); done
        tree=$(mktemp -d)
        trap 'rm -rf "$tree"' EXIT
        mkdir -p "$tree"/{usr/bin,usr/lib,usr/lib64,usr/sbin,etc,tmp,srv,root,run,proc,sys,dev}
        for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$tree/$folder"; done
        for program in bash base64 cat cut date dirname env getent grep head id ls mkdir mktemp readlink rm sed sha256sum sleep sort stat timeout tr true uname; do
          file=$(readlink -f "$(type -P "$program")")
          cp "$file" "$tree/usr/bin/$program"
          ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
            copy=$tree$(readlink -f "$(dirname "$library")")/${library##*/}
            mkdir -p "${copy%/*}"
            [ -e "$copy" ] || cp -L "$library" "$copy"
          done
        done
        ln -s bash "$tree/usr/bin/sh"
        printf 'root:x:0:0::/root:/bin/sh\n' >"$tree/etc/passwd"
        printf 'root:x:0:\n' >"$tree/etc/group"
        printf 'ID=checked\n' >"$tree/etc/os-release"
        echo "$which" >"$tree/srv/which"
        label=ai.opencharly
        tar -C "$tree" --owner=0 --group=0 --numeric-owner -cf - . | podman import --quiet --change 'CMD ["sleep","infinity"]' --change 'ENV FROM_IMAGE=yes' \
          --change "LABEL $label.version=$version" --change "LABEL $label.box=checked" --change "LABEL $label.port=[\"8080\"]" --change "LABEL $label.user=root" \
          --change "LABEL $label.uid=0" --change "LABEL $label.gid=0" --change "LABEL $label.home=/root" --change "LABEL $label.env=[\"FROM_IMAGE=yes\"]" --change "LABEL $label.eval=$checks" "${more[@]}" - "$reference"
        """;

    /// <summary>Checks of each section: of build scope, of deploy scope, one that an entry must switch off, and one that it must replace.</summary>
    public const string Checks =
        """{"candy":[{"id":"baked","file":"/srv/which","contains":["one"],"from":"web"},{"id":"live","file":"/srv/which","contains":["one"],"scope":"deploy","from":"web"},{"id":"gone","file":"/nonexistent","scope":"deploy","from":"web"}],"box":[{"id":"boxed","file":"/usr/bin/bash"}],"deploy":[{"id":"replaced","command":"false"},{"id":"image","command":"echo ${ENV_FROM_IMAGE}","stdout":"yes"}]}""";

    /// <summary>Makes one with the podman of a PATH.</summary>
    /// <param name="processes">Runs podman.</param>
    /// <param name="reference">Its name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="which">Content of its file.</param>
    /// <param name="labels">More labels, <c>secret=[…]</c>, without blanks.</param>
    public static async Task MakeAsync(IProcessRunner processes, string reference, string version, string which, params string[] labels)
    {
        var made = await processes.RunAsync(new ProcessRequest("bash", ["-c", Script, "make", reference, version, which, Checks, .. labels]));
        Assert.True(made.Succeeded, made.Tail(10));
    }
}
