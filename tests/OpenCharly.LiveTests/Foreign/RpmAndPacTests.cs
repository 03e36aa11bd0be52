using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Foreign;

/// <summary>What a plan does for Fedora and for Arch, done by the real dnf, rpm and pacman, from a repository that is a folder.</summary>
public sealed class RpmAndPacTests(ForeignRoot root) : IClassFixture<ForeignRoot>
{
    [LiveFact("root", "mmdebstrap", "rpmbuild", "createrepo_c")]
    public async Task Dnf_installs_from_a_repository_of_the_candy_and_all_of_it_is_undone()
    {
        if (IsSkipped()) return;
        root.Become("fedora", "43");
        await root.BuildAsync(Rpm("wx-lib", "", "") + Rpm("wx-cli", "Requires: wx-lib", "posix.mkdir('/var/lib/wx') io.open('/var/lib/wx/state', 'w'):write('made')"));
        await root.MustAsync("createrepo_c", "--quiet", root.Repository);
        root.WriteCandy("weather", """
              distro:
                fedora:
                  package: [wx-cli]
                  exclude: [wx-doc*]
                  repo: [{name: wx, url: "file:///repo", gpgcheck: false}]
              task: [{cmd: "wx-cli >/srv/said"}]

            """);
        await ApplyCheckAndUndoAsync("rpm -q --qf '%{NAME} ' wx-cli wx-lib; cat /srv/said; grep -c enabled=0 /etc/yum.repos.d/wx.repo", "wx-cli wx-lib wx-cli 1.0\n1\n", "rpm -qa");
    }

    [LiveFact("root", "mmdebstrap", "rpmbuild", "rpmsign", "gpg", "createrepo_c")]
    public async Task Packages_are_checked_with_the_key_of_their_repository_which_is_trusted_as_long_as_the_candy_stays()
    {
        if (IsSkipped()) return;
        root.Become("fedora", "43");
        await root.BuildAsync("export GNUPGHOME=$PWD/keys; mkdir -m 700 keys\ngpg --batch --quiet --passphrase '' --quick-gen-key wx@example.org rsa2048 sign never\n"
            + "gpg --armor --export wx@example.org >\"$out/key.asc\"\n" + Rpm("wx-signed", "", "")
            + "rpmsign --addsign --define \"__gpg $(command -v gpg)\" --define '_gpg_name wx@example.org' \"$out\"/*.rpm >/dev/null\ngpgconf --kill gpg-agent\n");
        await root.MustAsync("createrepo_c", "--quiet", root.Repository);
        root.WriteCandy("weather", "  distro: {fedora: {package: [wx-signed], repo: [{name: wx, url: 'file:///repo', gpgkey: 'file:///repo/key.asc'}]}}\n");
        await ApplyCheckAndUndoAsync("rpm -q --qf '%{NAME} ' wx-signed gpg-pubkey", "wx-signed gpg-pubkey ", "rpm -qa");
    }

    [LiveFact("root", "mmdebstrap", "rpmbuild", "createrepo_c")]
    public async Task A_module_stream_is_switched_on_and_what_was_on_before_comes_back()
    {
        if (IsSkipped()) return;
        root.Become("fedora", "43");
        await root.BuildAsync(Rpm("wx-db", "", "") + """
            for stream in 8 9; do
              printf '%s\n' --- 'document: modulemd' 'version: 2' 'data:' '  name: wxdb' "  stream: \"$stream\"" '  version: 1' '  context: c0ffee01' '  arch: noarch' \
                '  summary: test' '  description: test' '  license: {module: [MIT]}' '  artifacts: {rpms: [wx-db-0:1.0-1.noarch]}' ... >>"$out/modules.yaml"
            done
            """);
        await root.MustAsync("createrepo_c", "--quiet", root.Repository);
        await root.MustAsync("modifyrepo_c", "--mdtype=modules", Path.Combine(root.Repository, "modules.yaml"), Path.Combine(root.Repository, "repodata"));
        Assert.True((await root.InsideAsync("mkdir -p /etc/dnf/modules.d && printf '[wxdb]\nname=wxdb\nstream=8\nprofiles=\nstate=enabled\n' >/etc/dnf/modules.d/wxdb.module")).Succeeded);
        root.WriteCandy("weather", "  distro: {fedora: {package: [wx-db], module: ['wxdb:9'], repo: [{name: wx, url: 'file:///repo', gpgcheck: false}]}}\n");
        await ApplyCheckAndUndoAsync("wx-db; grep -h ^stream /etc/dnf/modules.d/wxdb.module", "wx-db 1.0\nstream=9\n", "rpm -qa");
        Assert.Equal("stream=8\n", (await root.InsideAsync("grep -h ^stream /etc/dnf/modules.d/wxdb.module; rm -r /etc/dnf/modules.d; rm /repo/modules.yaml")).StandardOutput);
    }

    [LiveFact("root", "mmdebstrap", "rpmbuild", "createrepo_c")]
    public async Task An_rpm_that_something_else_needs_by_now_stays()
    {
        if (IsSkipped()) return;
        root.Become("fedora", "43");
        await root.BuildAsync(Rpm("wx-base", "", "") + Rpm("wx-needs", "Requires: wx-base", ""));
        await root.MustAsync("createrepo_c", "--quiet", root.Repository);
        root.WriteCandy("base", "  distro: {fedora: {package: [wx-base], repo: [{name: wx, url: 'file:///repo', gpgcheck: false}]}}\n");
        Assert.Null((await new AddBundle(root.Context).RunAsync(ForeignRoot.Request("base"))).Failure);
        Assert.True((await root.InsideAsync("rpm -i /repo/wx-needs-*.rpm")).Succeeded);
        var removed = await new RemoveBundle(root.Context).RunAsync(new RemoveBundleRequest { Name = "host" });
        Assert.Null(removed.Failure);
        Assert.Contains(removed.Undone, u => u.Detail.Contains("still needed: wx-base", StringComparison.Ordinal));
        Assert.True((await root.InsideAsync("rpm -q wx-base && rpm -e wx-needs wx-base")).Succeeded);
    }

    [LiveFact("root", "mmdebstrap", "rpmbuild")]
    public async Task An_rpm_is_built_from_its_sources_installed_and_removed()
    {
        if (IsSkipped()) return;
        root.Become("fedora", "43");
        root.WriteCandy("built", "  localpkg: {rpm: pkg}\n", ("pkg/wx-local.spec", Spec("wx-local", "", "")));
        await ApplyCheckAndUndoAsync("wx-local", "wx-local 1.0\n", "rpm -qa");
    }

    [LiveFact("root", "mmdebstrap", "makepkg", "repo-add", "bsdtar")]
    public async Task Pacman_installs_from_a_repository_of_the_candy_and_all_of_it_is_undone()
    {
        if (IsSkipped()) return;
        root.Become("arch", null);
        await root.BuildAsync(Pac("wx-lib", "") + Pac("wx-cli", "depends=(wx-lib)") + "cd \"$out\"\nrepo-add -q wx.db.tar.gz ./*.pkg.tar*\nrm -f wx.db wx.files\ncp wx.db.tar.gz wx.db\n");
        root.WriteCandy("weather", """
              distro:
                arch:
                  package: [wx-cli]
                  repo: [{name: wx, server: "file:///repo"}]
              task: [{cmd: "wx-cli >/srv/said"}]

            """);
        await ApplyCheckAndUndoAsync("pacman -Qq | tr '\\n' ' '; cat /srv/said; grep -c '^Server = file:///repo' /etc/pacman.conf", "wx-cli wx-lib wx-cli 1.0\n1\n", "pacman -Qq");
    }

    [LiveFact("root", "mmdebstrap", "makepkg", "bsdtar")]
    public async Task A_pacman_package_is_built_from_its_sources_installed_and_removed()
    {
        if (IsSkipped()) return;
        root.Become("arch", null);
        root.WriteCandy("built", "  localpkg: {pac: pkg}\n", ("pkg/PKGBUILD", PkgBuild("wx-local", "")));
        await ApplyCheckAndUndoAsync("wx-local", "wx-local 1.0\n", "pacman -Qq");
    }

    private async Task ApplyCheckAndUndoAsync(string question, string answer, string list)
    {
        var candy = question.Contains("wx-local", StringComparison.Ordinal) ? "built" : "weather";
        var before = await root.PhotographAsync();
        var added = await new AddBundle(root.Context).RunAsync(ForeignRoot.Request(candy));
        Assert.True(added.Failure is null, added.Failure?.ToString());
        Assert.Equal(answer, (await root.InsideAsync(question)).StandardOutput);
        var again = await new AddBundle(root.Context).RunAsync(ForeignRoot.Request(candy));
        Assert.All(again.Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
        var removed = await new RemoveBundle(root.Context).RunAsync(new RemoveBundleRequest { Name = "host" });
        Assert.True(removed.Failure is null, removed.Failure?.ToString());
        Assert.Equal("", (await root.InsideAsync(list)).StandardOutput);
        await root.InsideAsync("rm -f /srv/said");
        Assert.Equal(before, await root.PhotographAsync());
    }

    private bool IsSkipped()
    {
        if (root.Reason is null) return false;
        Console.WriteLine("skipped: " + root.Reason);
        return true;
    }

    private static string Spec(string name, string field, string post) =>
        $"Name: {name}\nVersion: 1.0\nRelease: 1\nSummary: test\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n{field}\n%description\ntest\n%install\nmkdir -p %{{buildroot}}/usr/bin\n"
        + $"printf '#!/bin/sh\\necho {name} 1.0\\n' >%{{buildroot}}/usr/bin/{name}\nchmod 755 %{{buildroot}}/usr/bin/{name}\n%files\n/usr/bin/{name}\n{(post.Length > 0 ? $"%post -p <lua>\n{post}\n" : "")}";

    private static string Rpm(string name, string field, string post) =>
        $"cat >{name}.spec <<'SPEC'\n{Spec(name, field, post)}\nSPEC\nrpmbuild -bb --define \"_topdir $PWD/top\" --define \"_rpmdir $out\" --define '_build_name_fmt %%{{NAME}}-%%{{VERSION}}.rpm' {name}.spec\n";

    private static string PkgBuild(string name, string field) =>
        $"pkgname={name}\npkgver=1.0\npkgrel=1\narch=(any)\n{field}\npackage() {{\n  install -d \"$pkgdir/usr/bin\"\n  printf '#!/bin/sh\\necho {name} 1.0\\n' >\"$pkgdir/usr/bin/{name}\"\n  chmod 755 \"$pkgdir/usr/bin/{name}\"\n}}\n";

    private static string Pac(string name, string field) =>
        $"mkdir {name}\ncat >{name}/PKGBUILD <<'PKG'\n{PkgBuild(name, field)}PKG\nchmod a+x . ; chown -R nobody {name}\n"
        + $"(cd {name} && setpriv --reuid=nobody --regid=\"$(id -g nobody)\" --clear-groups env HOME=\"$PWD\" makepkg --force --nodeps)\ncp {name}/*.pkg.tar* \"$out/\"\n";
}
