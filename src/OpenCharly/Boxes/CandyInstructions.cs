using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>The instructions of one candy, in the order of its steps (candy-and-plan.md §8.1).</summary>
/// <param name="text">The Containerfile.</param>
/// <param name="inline">What lies beside it.</param>
/// <param name="stages">The stages before.</param>
/// <param name="plan">The plan of all candies.</param>
/// <param name="user">The image's user.</param>
internal sealed class CandyInstructions(ContainerfileText text, InlineFiles inline, CandyStages stages, InstallPlan plan, BoxUser user)
{
    // Folders that any system has.
    private static readonly string[] Standing =
    [
        "/bin", "/boot", "/dev", "/etc", "/etc/profile.d", "/home", "/lib", "/opt", "/root", "/run", "/sbin", "/srv", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local",
        "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log", "/var/tmp",
    ];

    private readonly HashSet<string> _declared = [.. Standing];
    private readonly List<string> _pending = [];
    private (string Verb, string User) _pendingOf;
    private bool _hasKeyring;

    /// <summary>Writes everything that a candy does while the image is built.</summary>
    public void Add(Candy candy)
    {
        var steps = plan.Steps.Where(s => s.Candy == candy.Name && s.Enabled && s is not ShellHookStep).ToList();
        if (steps.Count == 0) return;
        text.Blank();
        text.Comment($"candy {candy.Name} {candy.Version}".TrimEnd());
        if (steps.Any(s => s is OpStep)) AddVariables(candy);
        _declared.Clear();
        _declared.UnionWith(Standing);

        // Cargo builds in the image itself, after the tasks that may bring what it links to, unless a task says when.
        var buildsInTasks = candy.Tasks.Any(t => t.Verb == "build");
        var late = buildsInTasks ? [] : steps.Where(s => s is BuilderStep { Builder: "cargo" }).ToList();
        var order = steps.Except(late).Where(s => s is not (ServiceCustomStep or ServicePackagedStep or ShellSnippetStep))
            .Concat(late).Concat(steps.Where(s => s is ServiceCustomStep or ServicePackagedStep or ShellSnippetStep)).ToList();
        for (var i = 0; i < order.Count; i++)
        {
            if (order[i] is SystemPackagesStep or RepoChangeStep)
            {
                var together = order.Skip(i).TakeWhile(s => s is SystemPackagesStep or RepoChangeStep).ToList();
                Flush();
                Packages(candy.Name, together);
                i += together.Count - 1;
                continue;
            }

            Add(order[i]);
        }

        Flush();
        text.User("root");
    }

    /// <summary>Installs packages that an image needs before any candy comes.</summary>
    public void Packages(string group, IReadOnlyList<InstallStep> steps)
    {
        var packages = steps.Select(ForImage).ToList();
        var install = packages.OfType<SystemPackagesStep>().Where(s => s.PackagePhase == StepPhase.Install).ToList();
        foreach (var step in steps.Where(s => s is RepoChangeStep or SystemPackagesStep { PackagePhase: StepPhase.Prepare })) text.Comment(step.Summary);
        foreach (var step in install) text.Comment($"{step.Format}: {string.Join(' ', step.Packages)}");
        text.User("root");
        var format = steps.Select(s => s is SystemPackagesStep p ? p.Format : ((RepoChangeStep)s).Format).First();
        var before = "";
        if (format == "pac" && !_hasKeyring)
        {
            // The keys in an image are as old as the image.
            before = "pacman-key --init\npacman-key --populate";
            _hasKeyring = true;
        }

        var mounts = CacheOf(format).Select(c => CacheMounts.Of(c, null));
        text.Add(stages.Run(group, BoxScripts.OfSteps(packages, plan, before), mounts));
    }

    private static string[] CacheOf(string format) => format switch
    {
        "deb" => ["/var/cache/apt", "/var/lib/apt"],
        "rpm" => ["/var/cache/libdnf5"],
        _ => ["/var/cache/pacman/pkg"],
    };

    // An image holds what was asked for and no recommendation; and pacman knows no half of an upgrade.
    private static InstallStep ForImage(InstallStep step) => step switch
    {
        SystemPackagesStep { PackagePhase: StepPhase.Install, Format: "deb" } s => s with { Options = ["--no-install-recommends", .. s.Options] },
        SystemPackagesStep { PackagePhase: StepPhase.Install, Format: "pac" } s => s with { Options = ["--sysupgrade", .. s.Options] },
        _ => step,
    };

    private void AddVariables(Candy candy)
    {
        text.Add("ARG TARGETARCH");
        text.Add("ENV ARCH=${TARGETARCH}");
        text.Environment([.. candy.Variables.OrderBy(v => v.Key, StringComparer.Ordinal)]);
    }

    private void Add(InstallStep step)
    {
        switch (step)
        {
            case OpStep { Verb: "mkdir" or "link" or "setcap" } op when !IsDynamic(op):
                Merge(op);
                return;
            case OpStep op:
                Flush();
                Task(op);
                return;
            case BuilderStep builder:
                Flush();
                Build(builder);
                return;
            case ServiceCustomStep service:
                Flush();
                Unit(service);
                return;
            case ServicePackagedStep service:
                Flush();
                Unit(service);
                return;
            case ShellSnippetStep snippet:
                Flush();
                text.User("root");
                Write(snippet.Candy, snippet.Snippet.TrimEnd('\n') + "\n", snippet.Destination, "0644", IsBelowHome(snippet.Destination) ? Owner() : "");
                return;
            default:
                // Local packages, apks and reboots are told of when the box is looked at; there is nothing to run.
                return;
        }
    }

    private void Task(OpStep op)
    {
        text.Comment(op.Summary);
        var isScript = op.Verb is "cmd" or "download" or "mkdir" or "link" or "setcap" || op.IsFolder || IsDynamic(op);
        if (op.Verb == "cmd")
        {
            text.User(UserOf(op));
            var mounts = op.Cache.Select(c => CacheMounts.Of(c, CacheOwner(op)));
            text.Add(stages.Run(op.Candy, BoxScripts.OfCommand(op, plan), op.Files.Count > 0 ? mounts.Prepend(CandyStages.ContextMount(op.Candy)) : mounts));
            return;
        }

        if (isScript)
        {
            text.User(StepScripts.RunsAsRoot(op, plan.User) ? "root" : UserOf(op));
            var owner = StepScripts.RunsAsRoot(op, plan.User) ? null : user;
            var mounts = op.Verb == "download" ? op.Cache.Prepend(BoxScripts.Downloads).Select(c => CacheMounts.Of(c, owner)) : [];
            text.Add(stages.Run(op.Candy, BoxScripts.OfSteps([op], plan), op.Verb == "copy" ? mounts.Prepend(CandyStages.ContextMount(op.Candy)) : mounts));
            return;
        }

        var destination = op.Verb == "write" ? op.Value : op.To!;
        Parent(op, destination);
        if (op.Verb == "write") Write(op.Candy, op.Content ?? "", destination, op.Mode ?? "0644", OwnerOf(op));
        else text.Copy(Options($"--from={op.Candy}", op.Mode ?? "0644", OwnerOf(op)), op.Value, destination);
    }

    private void Write(string candy, string content, string destination, string mode, string owner) =>
        text.Copy(Options(null, mode, owner), inline.Add(candy, content), destination);

    private static IEnumerable<string> Options(string? from, string mode, string owner)
    {
        if (from is not null) yield return from;
        yield return $"--chmod={mode}";
        if (owner.Length > 0) yield return $"--chown={owner}";
    }

    // A folder that COPY makes is root's, so a task of somebody else makes it first.
    private void Parent(OpStep op, string destination)
    {
        var parent = destination[..Math.Max(destination.LastIndexOf('/'), 0)];
        if (parent.Length == 0 || parent == user.Home) return;
        for (var ancestor = parent; ancestor.Length > 0; ancestor = ancestor[..ancestor.LastIndexOf('/')])
        {
            if (_declared.Contains(ancestor) && (ancestor == parent || !Standing.Contains(ancestor))) return;
        }

        text.User(UserOf(op));
        text.Add($"RUN install -d -m 0755 -- {Word(parent)}");
        _declared.Add(parent);
    }

    private void Merge(OpStep op)
    {
        var runs = (op.Verb, UserOf(op));
        if (_pending.Count > 0 && _pendingOf != runs) Flush();
        _pendingOf = runs;
        switch (op.Verb)
        {
            case "mkdir":
                _pending.Add($"install -d -m {op.Mode ?? "0755"} -- {Word(op.Value)}");
                _declared.Add(op.Value.TrimEnd('/'));
                break;
            case "link":
                _pending.Add($"install -d -m 0755 -- {Word(Parent(op.Value))} && ln -sfT -- {Word(op.To!)} {Word(op.Value)}");
                break;
            default:
                _pending.Add(string.IsNullOrEmpty(op.Capabilities) ? $"{{ setcap -r {Word(op.Value)} 2>/dev/null || :; }}" : $"setcap {Word(op.Capabilities)} {Word(op.Value)}");
                break;
        }
    }

    private void Flush()
    {
        if (_pending.Count == 0) return;
        text.User(_pendingOf.User);
        text.Add("RUN " + string.Join(" && ", _pending));
        _pending.Clear();
    }

    private void Build(BuilderStep step)
    {
        // What npm and pixi built was copied in before the candies.
        if (step.Builder is not ("aur" or "cargo")) return;
        text.Comment(step.Summary);
        if (step.Builder == "aur")
        {
            text.User("root");
            var stage = CandyStages.OfBuilder(step.Candy, "aur");
            var removed = string.Concat(step.Replaces.Select(r => $"if [[ $(pacman -Qq {Shell.Quote(r)} 2>/dev/null) = {Shell.Quote(r)} ]]; then pacman -Rs --noconfirm {Shell.Quote(r)}; fi\n"));
            text.Add(stages.Run(
                step.Candy, $"set -e\n# {BoxScripts.DigestOf([step])} {string.Join(' ', step.Packages)}\n{removed}pacman -U --noconfirm /tmp/aur-pkgs/*.pkg.tar*\n",
                $"--mount=type=bind,from={stage},source=/tmp/aur-pkgs,target=/tmp/aur-pkgs"));
            return;
        }

        text.User(user.Word);
        text.Add(stages.Run(step.Candy, CandyStages.BuilderScript(step, user), CandyStages.BuilderMounts(step, user)));
    }

    private void Unit(ServiceCustomStep step)
    {
        text.Comment(step.Summary);
        var isUser = step.Scope == StepScope.User;
        var folder = Parent(step.UnitPath);
        var targets = step.UnitText.Split('\n').Where(l => l.StartsWith("WantedBy=", StringComparison.Ordinal)).Select(l => l["WantedBy=".Length..]).ToList();
        text.User(isUser ? user.Word : "root");
        if (isUser) text.Add($"RUN install -d -m 0755 -- {string.Join(' ', targets.Select(t => Word($"{folder}/{t}.wants")).Prepend(Word(folder)))}");
        Write(step.Candy, step.UnitText, step.UnitPath, "0644", isUser ? Owner() : "");
        if (!step.Enable) return;

        // Nobody's service manager runs while an image is built; links are what enabling makes.
        text.Add(isUser
            ? "RUN " + string.Join(" && ", targets.Select(t => $"ln -sfT -- ../{Shell.Quote(step.Name)}.service {Word($"{folder}/{t}.wants/{step.Name}.service")}"))
            : $"RUN systemctl enable {Shell.Quote(step.Name)}.service");
    }

    private void Unit(ServicePackagedStep step)
    {
        text.Comment(step.Summary);
        text.User("root");
        if (step is { OverridesPath: { } path, OverridesText: { } drop }) Write(step.Candy, drop, path, "0644", IsBelowHome(path) ? Owner() : "");
        if (step.Enable) text.Add($"RUN systemctl {(step.Scope == StepScope.User ? "--global " : "")}enable {Shell.Quote(step.Unit)}");
    }

    private bool IsBelowHome(string path) => user.Uid != 0 && path.StartsWith(user.Home + "/", StringComparison.Ordinal);

    private string Owner() => user.Uid == 0 ? "" : $"{Number(user.Uid)}:{Number(user.Gid)}";

    private string OwnerOf(OpStep op) => op.ResolvedUser == "root" ? "" : op.ResolvedUser == plan.User ? Owner() : op.ResolvedUser;

    private string UserOf(OpStep op) => op.ResolvedUser == "root" ? "root" : op.ResolvedUser == plan.User ? user.Word : op.ResolvedUser;

    private BoxUser? CacheOwner(OpStep op) => op.ResolvedUser == plan.User ? user : null;

    private static bool IsDynamic(OpStep op) => op.Verb is not ("cmd" or "download") && new[] { op.Value, op.To, op.Capabilities }.Any(t => t is not null && TargetText.IsDynamic(t));

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var at ? path[..at] : "/";

    private static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);

    // The builder replaces no variable in a RUN, but a line break would end the instruction.
    private static string Word(string word) => word.AsSpan().ContainsAny('\n', '\r')
        ? throw new CharlyException(Errors.TaskDestination, $"\"{word}\" holds a line break", "Write it on one line.", target: word)
        : Shell.Quote(word);
}
