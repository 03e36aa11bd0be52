using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles the tasks of a candy (§3.2).</summary>
internal static class TaskCompiler
{
    /// <summary>Adds one step a task.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="candy">The candy.</param>
    /// <param name="build">Adds the candy's builders, where a task asks for them.</param>
    public static void Add(PlanBuilder plan, Candy candy, Action build)
    {
        foreach (var task in candy.Tasks)
        {
            if (task.Verb == "build") build();
            else plan.Add(Compile(plan, candy, task));
        }
    }

    /// <summary>The value of a variable that a candy requires or accepts: deploy entry, process, default.</summary>
    public static string? ValueOf(CandyRequirement requirement, PlanRequest request) =>
        request.Environment.GetValueOrDefault(requirement.Name)
        ?? request.ProcessEnvironment.GetValueOrDefault(requirement.Name)
        ?? requirement.Default;

    private static OpStep Compile(PlanBuilder plan, Candy candy, CandyTask task)
    {
        var variables = new TaskVariables(plan, candy, task);
        var user = ResolveUser(task.User, plan.Facts);
        var scope = user == "root" ? StepScope.System : StepScope.User;
        var step = new OpStep
        {
            Candy = candy.Name,
            Scope = scope,
            Gate = task.Verb == "cmd" && scope == StepScope.System ? StepGate.AllowRootTasks : StepGate.None,
            Verb = task.Verb,
            Value = task.Value,
            Mode = task.Mode,
            ResolvedUser = user,
            CandyFolder = candy.SourceFolder,
        };
        step = task.Verb switch
        {
            "cmd" => Command(plan, candy, task, step),
            "mkdir" => step with { Value = Absolute(candy, task, variables.Replace(task.Value)), Mode = task.Mode ?? "0755" },
            "copy" => Copy(candy, task, step, variables),
            "write" => step with { Value = Absolute(candy, task, variables.Replace(task.Value)), Content = task.Content ?? "", Mode = task.Mode ?? "0644" },
            "link" => step with { Value = Absolute(candy, task, variables.Replace(task.Value)), To = variables.Replace(task.To ?? "") },
            "setcap" => step with { Value = Absolute(candy, task, variables.Replace(task.Value)), Capabilities = variables.Replace(task.Capabilities ?? "") },
            "download" => Download(plan, candy, task, step, variables),
            _ => throw new CharlyException(
                Errors.TaskVerb, $"candy {candy.Name}: {task.Verb} is no task", "Use one of cmd, mkdir, copy, write, link, download, setcap, build.", task.Position, candy.Name),
        };
        return step with { Reverse = Reverse(step, plan.Facts) };
    }

    private static OpStep Command(PlanBuilder plan, Candy candy, CandyTask task, OpStep step) => step with
    {
        Files = CommandBody.MentionsContext(task.Value) ? CandyFiles.Tree(candy.SourceFolder) : [],
        Variables = Exports(plan, candy, task),
        Secrets = plan.IsBox ? [] : SecretsOf(candy),
        Cache = task.Cache,
    };

    private static OpStep Copy(Candy candy, CandyTask task, OpStep step, TaskVariables variables)
    {
        var source = variables.Replace(task.Value).TrimEnd('/');
        var (isFolder, files) = CandyFiles.Source(candy, task, source);
        var to = Absolute(candy, task, variables.Replace(task.To ?? ""));
        if (!isFolder && to.EndsWith('/')) to += Path.GetFileName(source);
        return step with
        {
            Value = source,
            To = to.TrimEnd('/'),
            Files = files,
            IsFolder = isFolder,
            Mode = task.Mode ?? (isFolder ? null : "0644"),
        };
    }

    private static OpStep Download(PlanBuilder plan, Candy candy, CandyTask task, OpStep step, TaskVariables variables)
    {
        var url = variables.Replace(task.Value);
        var extract = task.Extract ?? InferArchive(url);
        var to = task.To is null ? null : Absolute(candy, task, variables.Replace(task.To));
        if (to is null && extract != "sh")
        {
            throw new CharlyException(
                Errors.TaskDownload, $"candy {candy.Name}: the download of {url} has no destination", "Add to:.", task.Position, candy.Name);
        }

        return step with
        {
            Value = url,
            To = to is { Length: > 1 } ? to.TrimEnd('/') : to,
            Extract = extract,
            StripComponents = task.StripComponents,
            Include = [.. task.Include.Select(variables.Replace)],
            Uninstall = [.. task.Uninstall.Select(u => Absolute(candy, task, variables.Replace(u)))],
            Mode = task.Mode ?? (extract == "none" ? "0755" : null),
            Variables = Exports(plan, candy, task),
            Secrets = plan.IsBox ? [] : SecretsOf(candy),
            Cache = task.Cache,
        };
    }

    private static string InferArchive(string url)
    {
        var path = url.Split('?', '#')[0];
        (string Suffix, string Type)[] types =
            [(".tar.gz", "tar.gz"), (".tgz", "tar.gz"), (".tar.xz", "tar.xz"), (".tar.zst", "tar.zst"), (".zip", "zip"), (".sh", "sh")];
        return types.FirstOrDefault(t => path.EndsWith(t.Suffix, StringComparison.Ordinal)).Type ?? "none";
    }

    private static SortedDictionary<string, string> Exports(PlanBuilder plan, Candy candy, CandyTask task)
    {
        var exports = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in candy.Variables) exports[name] = value;
        foreach (var requirement in candy.EnvRequire.Concat(candy.EnvAccept))
        {
            // What a deployment will be given must not become part of an image.
            if (!plan.IsBox && ValueOf(requirement, plan.Request) is { } value) exports[requirement.Name] = value;
        }

        foreach (var (name, value) in task.Environment) exports[name] = value;
        return exports;
    }

    private static List<string> SecretsOf(Candy candy) =>
        [.. candy.SecretRequire.Concat(candy.SecretAccept).Select(s => s.Name).Distinct()];

    private static string ResolveUser(string user, TargetFacts facts)
    {
        if (user is "" or "root" or "0" or "0:0") return "root";
        var isDeployUser = user == "${USER}" || user == facts.User || user == $"{facts.Uid}" || user == $"{facts.Uid}:{facts.Gid}";
        return isDeployUser ? facts.User : user;
    }

    private static string Absolute(Candy candy, CandyTask task, string path) =>
        path.StartsWith('/')
            ? path
            : throw new CharlyException(
                Errors.TaskDestination,
                $"candy {candy.Name}: {task.Verb} destination \"{path}\" is not absolute",
                "Begin it with /, ~/ or ${HOME}/.",
                task.Position,
                candy.Name);

    // What is undone is removed by whoever placed it: root also places the files of other accounts (§5.3, §7.5).
    private static IReadOnlyList<ReverseOp> Reverse(OpStep step, TargetFacts facts)
    {
        var asRoot = StepScripts.RunsAsRoot(step, facts.User);
        ReverseOp Remove(IEnumerable<string> paths) => new()
        {
            Kind = asRoot ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser,
            Targets = [.. paths.Select(p => TargetText.Resolve(p, facts.Machine))],
            Scope = asRoot ? StepScope.System : StepScope.User,
        };
        switch (step.Verb)
        {
            case "write" or "link": return [Remove([step.Value])];
            case "copy": return [Remove(step.IsFolder ? step.Files.Select(f => $"{step.To}/{f.Path}") : [step.To!])];
            case "download" when step.Uninstall.Count > 0: return [Remove(step.Uninstall)];
            case "download" when step.Extract == "sh": return [];
            case "download" when step.Extract == "none": return [Remove([step.To!])];
            case "download" when step.Include.Count > 0: return [Remove(DownloadScript.Members(step))];
            case "download":
                return
                [
                    new ReverseOp
                    {
                        Kind = ReverseKinds.RemoveFolder, Targets = [TargetText.Resolve(step.To!, facts.Machine)],
                        Scope = asRoot ? StepScope.System : StepScope.User,
                        Extra = new Dictionary<string, string> { [ReverseExtra.OnlyIfCreated] = "true" },
                    },
                ];
            default: return [];
        }
    }
}
