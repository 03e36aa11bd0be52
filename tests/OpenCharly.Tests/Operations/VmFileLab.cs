using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>A folder with a VMFile, the backend that does nothing, and qemu-img and ssh-keygen played at the program boundary.</summary>
internal sealed class VmFileLab : IDisposable
{
    private readonly Host _host = new(("CHARLY_VM_BACKEND", "noop"), ("CHARLY_ISO", "builtin"));

    public VmFileLab()
    {
        Programs = new PlayedPrograms(Play);
        Context = new CharlyContext(_host.Environment, _host, Programs);
        File.WriteAllText(At("base.qcow2"), "image");
    }

    public PlayedPrograms Programs { get; }

    public CharlyContext Context { get; }

    public Host Host => _host;

    public IEnumerable<string> Notices => _host.Notices;

    public string Vmctl => At(".local", "share", "vmctl");

    public VmServices Services => new(Context);

    public string At(params string[] parts) => _host.At(parts);

    public void Write(string text) => File.WriteAllText(At("VMFile.kdl"), text);

    /// <summary>What lies in a machine's folder.</summary>
    public IEnumerable<string> Files(string name) => Directory.EnumerateFiles(Path.Combine(Vmctl, "vms", name)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public void Dispose() => _host.Dispose();

    private static CommandResult Play(ProcessRequest request)
    {
        var arguments = request.Arguments;
        switch (request.Program, arguments[0])
        {
            case ("qemu-img", "info"):
                // An overlay holds the words that it was made with, among them its base.
                var words = File.ReadAllText(arguments[^1]).Split(' ');
                var backing = Array.IndexOf(words, "-b") is var at and >= 0 ? $", \"full-backing-filename\": \"{words[at + 1]}\"" : "";
                return Done($"{{\"format\": \"qcow2\", \"virtual-size\": 1073741824, \"actual-size\": 1024{backing}}}");
            case ("qemu-img", "create"):
                File.WriteAllText(arguments.First(a => a.EndsWith("overlay.qcow2", StringComparison.Ordinal) || a.EndsWith("data.qcow2", StringComparison.Ordinal)), string.Join(' ', arguments));
                return Done("");
            case ("qemu-img", "convert"):
                File.Copy(arguments[^2], arguments[^1]);
                return Done("");
            case ("ssh-keygen", _):
                var path = arguments[arguments.ToList().IndexOf("-f") + 1];
                File.WriteAllText(path, "private");
                File.WriteAllText(path + ".pub", "ssh-ed25519 AAAA made");
                return Done("");
            default:
                return new CommandResult("", "not played", 1, TimeSpan.Zero);
        }

        static CommandResult Done(string output) => new(output, "", 0, TimeSpan.Zero);
    }
}
