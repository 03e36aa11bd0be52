using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Tests.Vms.Templates;

/// <summary>A home of its own with templates, and a folder that is their registry.</summary>
internal sealed class TemplateLab : IDisposable
{
    private readonly Host _host;

    public TemplateLab(params (string Name, string Value)[] variables)
    {
        _host = new Host(variables);
        Context = new CharlyContext(_host.Environment with { Variables = WithRegistry() }, _host);
    }

    public CharlyContext Context { get; }

    public IEnumerable<string> Notices => _host.Notices;

    public string Registry => At("registry", "mvm", "templates");

    public string Templates => At(".local", "share", "charly", "templates");

    public TemplateStore Store => new(Context.Environment, Context.Paths);

    public string At(params string[] parts) => _host.At(parts);

    public string Template(params string[] parts) => Path.Combine([Templates, .. parts]);

    /// <summary>A template whose builder writes a kernel with this text, and the rest alike.</summary>
    public Task<IReadOnlyList<VmTemplate>> CreateAsync(string name, string kernel = "kernel", string more = "true") => new CreateTemplate(Context).RunAsync(new CreateTemplateRequest
    {
        Name = name,
        Run = [$"printf '%s' {Shell.Quote(kernel)} > \"$OUT/vmlinux\"", "printf root > \"$OUT/rootfs.ext4\"", more],
    });

    public async Task<TemplateRevision> BuildAsync(string name) => Assert.Single(await new BuildTemplate(Context).RunAsync(new BuildTemplateRequest { Name = name }));

    public async Task<TemplateRevision> MakeAsync(string name, string kernel = "kernel")
    {
        await CreateAsync(name, kernel);
        return await BuildAsync(name);
    }

    /// <summary>The same context with variables changed; null removes one.</summary>
    public CharlyContext With(params (string Name, string? Value)[] variables)
    {
        var all = new Dictionary<string, string>(Context.Environment.Variables);
        foreach (var (name, value) in variables)
        {
            if (value is null) all.Remove(name);
            else all[name] = value;
        }

        return new CharlyContext(Context.Environment with { Variables = all }, _host);
    }

    public static async Task<CharlyException> FailureOf(ErrorCode code, Func<Task> work)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(work);
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Help);
        return error;
    }

    public void Dispose() => _host.Dispose();

    private Dictionary<string, string> WithRegistry() =>
        new(_host.Environment.Variables) { ["CHARLY_TEMPLATE_REGISTRY_ENDPOINT"] = "file://" + At("registry") };
}
