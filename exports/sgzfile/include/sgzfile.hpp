/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * sgzfile.h for C++17: each thing that has to be freed is an object that frees
 * it, and moves. A failure is an exception on this side. None crosses to the
 * library: what a callback throws is kept, and thrown again after it returned.
 */
#ifndef SGZFILE_HPP
#define SGZFILE_HPP

#include <sgzfile.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace sgzf
{

class error : public std::runtime_error
{
public:
	/* A copy of @from. */
	explicit error(const sgzfile_error *from)
	    : std::runtime_error(sgzfile_error_message(from)),
	      status(sgzfile_error_status(from)),
	      sys_errno(sgzfile_error_errno(from))
	{
	}

	const sgzfile_status status;
	const int sys_errno;
};

/* Call @function with @arguments and a place for an error, and throw that. */
template <typename Function, typename... Arguments>
void
check(Function function, Arguments... arguments)
{
	sgzfile_error *raw = nullptr;

	if (function(arguments..., &raw) == SGZFILE_STATUS_OK)
		return;
	std::unique_ptr<sgzfile_error, decltype(&sgzfile_error_free)> owned(
		raw, sgzfile_error_free);
	throw error(raw);
}

/* Bytes of the library's. They move, and are not copied. */
class bytes
{
public:
	bytes() = default;
	bytes(bytes &&other) noexcept : raw(std::exchange(other.raw, {}))
	{
	}
	bytes &
	operator=(bytes &&other) noexcept
	{
		std::swap(raw, other.raw);
		return *this;
	}
	~bytes()
	{
		sgzfile_bytes_free(&raw);
	}

	/* Valid as long as this object. */
	std::string_view
	view() const noexcept
	{
		return { reinterpret_cast<const char *>(raw.data), raw.len };
	}

private:
	friend class file;
	sgzfile_bytes raw = { nullptr, 0 };
};

/* An open file. Any number of threads may use its const functions. */
class file
{
public:
	explicit file(const std::string &path) : raw(nullptr, sgzfile_close)
	{
		sgzfile *opened = nullptr;

		check(sgzfile_open, path.c_str(), &opened);
		raw.reset(opened);
	}

	std::uint64_t
	size() const noexcept
	{
		return sgzfile_size(raw.get());
	}
	bytes
	range(std::uint64_t offset, std::size_t len) const
	{
		bytes out;

		check(sgzfile_range, raw.get(), offset, len, &out.raw);
		return out;
	}
	std::string
	describe() const
	{
		char *text = nullptr;

		check(sgzfile_describe, raw.get(), &text);
		std::unique_ptr<char, decltype(&sgzfile_string_free)> owned(
			text, sgzfile_string_free);
		return text;
	}

private:
	std::unique_ptr<sgzfile, decltype(&sgzfile_close)> raw;
};

inline sgzfile_sizes
compress(const std::string &from, const std::string &to,
	 int level = SGZFILE_DEFAULT_LEVEL)
{
	sgzfile_sizes sizes = {};

	check(sgzfile_compress, from.c_str(), to.c_str(), level, &sizes);
	return sizes;
}

/* Hand the data of the file at @path to @take, piece by piece; false ends it,
 * which throws an error with SGZFILE_STATUS_CANCELLED. */
inline void
stream(const std::string &path,
       const std::function<bool(std::string_view)> &take)
{
	struct call {
		const std::function<bool(std::string_view)> &take;
		std::exception_ptr thrown;
	} call = { take, nullptr };
	sgzfile_sink sink = {};

	sink.ctx = &call;
	sink.write = [](void *ctx, const void *data,
			std::size_t len) noexcept -> int {
		auto *mine = static_cast<struct call *>(ctx);

		try {
			return !mine->take(
				{ static_cast<const char *>(data), len });
		} catch (...) {
			mine->thrown = std::current_exception();
			return 1;
		}
	};
	try {
		check(sgzfile_stream, path.c_str(), &sink);
	} catch (const error &) {
		if (call.thrown)
			std::rethrow_exception(call.thrown);
		throw;
	}
}

} // namespace sgzf

#endif
