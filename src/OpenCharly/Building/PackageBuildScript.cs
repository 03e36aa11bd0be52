namespace OpenCharly.Building;

/// <summary>The bash that builds a package: <c>$1</c> is a copy of the sources, <c>$2</c> an empty folder for the packages and
/// a file <c>names</c> with what they are called.</summary>
internal static class PackageBuildScript
{
    /// <summary>The script for a format.</summary>
    /// <param name="format"><c>deb</c>, <c>rpm</c> or <c>pac</c>.</param>
    /// <param name="installsNeeds">Whether it may install what the build needs: in a container, never on the operator's machine.</param>
    public static string For(string format, bool installsNeeds = false) => "set -euo pipefail\nshopt -s nullglob\nsource=$1 output=$2\ncd -- \"$source\"\n" + (format switch
    {
        "deb" => (installsNeeds ? DebNeeds : "") + Deb,
        "rpm" => (installsNeeds ? RpmNeeds : "") + Rpm,
        _ => (installsNeeds ? PacNeeds : "") + Pac,
    }) + "\n";

    private const string DebNeeds =
        """
        export DEBIAN_FRONTEND=noninteractive
        command -v dpkg-buildpackage >/dev/null && dpkg-checkbuilddeps 2>/dev/null || {
          apt-get -q update
          apt-get -q install -y --no-install-recommends build-essential
          apt-get -q build-dep -y .
        }

        """;

    private const string Deb =
        """
        export DEB_BUILD_OPTIONS="nocheck ${DEB_BUILD_OPTIONS:-}"
        dpkg-buildpackage --build=binary --no-sign
        for file in ../*.deb; do
          case $file in *-dbgsym_*) continue ;; esac
          mv -- "$file" "$output/"
        done
        for file in "$output"/*.deb; do dpkg-deb --field "$file" Package >>"$output/names"; done
        """;

    private const string RpmNeeds =
        """
        command -v rpmbuild >/dev/null || dnf install -y rpm-build
        ! dnf builddep --help >/dev/null 2>&1 || dnf builddep -y ./*.spec

        """;

    private const string Rpm =
        """
        for spec in *.spec; do
          rpmbuild -bb --define "_topdir $PWD/../rpmbuild" --define "_sourcedir $PWD" --define "_rpmdir $PWD/../rpms" --define 'debug_package %{nil}' -- "$spec"
        done
        for file in ../rpms/*.rpm ../rpms/*/*.rpm; do mv -- "$file" "$output/"; done
        for file in "$output"/*.rpm; do rpm -qp --qf '%{NAME}\n' -- "$file" >>"$output/names"; done
        """;

    private const string PacNeeds =
        """
        command -v makepkg >/dev/null || pacman -Sy --noconfirm --needed base-devel

        """;

    // makepkg refuses to work as root, and nobody can't enter root's folders.
    private const string Pac =
        """
        as=()
        here=$(mktemp -d)
        trap 'rm -rf -- "$here"' EXIT
        mkdir -- "$here/source" "$here/packages"
        cp -R -- . "$here/source"
        if [[ $EUID = 0 ]]; then
          chown -R nobody "$here"
          as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups env HOME="$here")
        fi
        (cd -- "$here/source" && "${as[@]}" env PKGDEST="$here/packages" SRCDEST="$here/source" BUILDDIR="$here/source" makepkg --force --noconfirm --nodeps)
        for file in "$here"/packages/*.pkg.tar*; do
          case $file in *-debug-[0-9]*) continue ;; esac
          cp -- "$file" "$output/"
        done
        for file in "$output"/*.pkg.tar*; do bsdtar -xOqf "$file" .PKGINFO | sed -n 's/^pkgname = //p' >>"$output/names"; done
        """;
}
