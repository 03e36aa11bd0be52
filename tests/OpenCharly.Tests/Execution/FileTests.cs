using System.IO.Pipelines;
using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

public sealed class FileTests : IDisposable
{
    private const UnixFileMode Script = AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly LocalMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_001)]
    public async Task A_file_comes_back_byte_for_byte(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        await _machine.Executor.PutAsync(new MemoryStream(content), _machine.At("it's a file"), new(AtomicFile.Private));
        Assert.Equal(content, await _machine.Executor.GetAsync(_machine.At("it's a file"), asRoot: false));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_machine.At("it's a file")));
    }

    [Fact]
    public async Task Parents_are_made_and_an_old_file_is_replaced()
    {
        var path = _machine.At("a/b/c");
        await _machine.Executor.PutAsync(new MemoryStream([1]), path, new(AtomicFile.Shared));
        await _machine.Executor.PutAsync(new MemoryStream([2]), path, new(Script));
        Assert.Equal([2], await File.ReadAllBytesAsync(path));
        Assert.Equal(Script, File.GetUnixFileMode(path));
        Assert.Equal(Script, File.GetUnixFileMode(_machine.At("a/b")));
        Assert.Equal(["c"], Directory.GetFiles(_machine.At("a/b")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Content_that_cannot_be_rewound_is_placed_from_where_it_stands()
    {
        var pipe = new Pipe();
        var content = RandomNumberGenerator.GetBytes(200_000);
        var writing = Task.Run(async () =>
        {
            await pipe.Writer.WriteAsync(content);
            await pipe.Writer.CompleteAsync();
        });
        await _machine.Executor.PutAsync(pipe.Reader.AsStream(), _machine.At("f"), new(AtomicFile.Private));
        await writing;
        Assert.Equal(content, await File.ReadAllBytesAsync(_machine.At("f")));
    }

    [Fact]
    public async Task A_folder_is_not_replaced_by_a_file()
    {
        Directory.CreateDirectory(_machine.At("d"));
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => _machine.Executor.PutAsync(new MemoryStream([1]), _machine.At("d"), new(AtomicFile.Private)));
        Assert.Contains("is a folder", error.Message);
        Assert.Empty(Directory.GetFiles(_machine.At("d")));
    }

    [Fact]
    public async Task A_stream_that_fails_leaves_the_old_file_and_nothing_else()
    {
        await File.WriteAllTextAsync(_machine.At("f"), "old");
        await Assert.ThrowsAsync<InvalidDataException>(
            () => _machine.Executor.PutAsync(new TornStream(), _machine.At("f"), new(AtomicFile.Private)));
        Assert.Equal("old", await File.ReadAllTextAsync(_machine.At("f")));

        // The script that took the bytes clears up as it ends, which nobody waits for.
        for (var limit = DateTime.UtcNow.AddSeconds(30); Directory.GetFiles(_machine.Home).Length > 1 && DateTime.UtcNow < limit;) await Task.Delay(20);
        Assert.Equal(["f"], Directory.GetFiles(_machine.Home).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Content_that_changes_while_it_is_sent_is_refused()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(
            () => _machine.Executor.PutAsync(new ShiftingStream(), _machine.At("f"), new(AtomicFile.Private)));
        Assert.Contains("incomplete or damaged", error.Message);
        Assert.Empty(Directory.GetFiles(_machine.Home));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_null()
    {
        await File.WriteAllTextAsync(_machine.At("f"), "");
        Assert.Null(await _machine.Executor.GetAsync(_machine.At("none"), asRoot: false));
        Assert.Null(await _machine.Executor.GetAsync(_machine.At("no/folder"), asRoot: false));
        Assert.Null(await _machine.Executor.GetAsync(_machine.At("f/below"), asRoot: false));
    }

    [Fact]
    public async Task A_folder_can_not_be_read_as_a_file()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => _machine.Executor.GetAsync(_machine.Home, asRoot: false));
        Assert.Equal(Errors.Io, error.Code);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/folder/")]
    [InlineData("~/x")]
    public async Task A_path_must_name_a_file_from_the_root(string path) =>
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => _machine.Executor.GetAsync(path, false))).Code);

    [Fact]
    public async Task Homes_come_from_the_log_in_and_from_the_user_database()
    {
        Assert.Equal(_machine.Home, await _machine.Executor.ResolveHomeAsync(null));
        Assert.Equal("/root", await _machine.Executor.ResolveHomeAsync("root"));
        Assert.Equal("/root", await _machine.Executor.ResolveHomeAsync("0"));
        Assert.Equal(Errors.RunTarget, (await Assert.ThrowsAsync<CharlyException>(() => _machine.Executor.ResolveHomeAsync("no-such-user"))).Code);
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => _machine.Executor.ResolveHomeAsync("a;b"))).Code);
    }

    /// <summary>Fails when it is read for the second time, after its digest was taken.</summary>
    private sealed class TornStream : MemoryStream
    {
        private int _reads;

        public TornStream()
            : base(new byte[100_000])
        {
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == 0 && _reads++ > 0 ? throw new InvalidDataException("torn") : base.ReadAsync(buffer, cancellationToken);
    }

    /// <summary>Gives other bytes each time.</summary>
    private sealed class ShiftingStream : MemoryStream
    {
        private byte _next;

        public ShiftingStream()
            : base(new byte[1000])
        {
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == 0) GetBufferFirst();
            return base.ReadAsync(buffer, cancellationToken);
        }

        private void GetBufferFirst()
        {
            WriteByte(_next++);
            Position = 0;
        }
    }
}
